"""Write the table, the form and the card of a class as plain code, which is its owner's then."""

from .module import PARTS as PARTS
from .module import eject as eject
from .names import CannotEject as CannotEject
