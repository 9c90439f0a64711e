"""Fields that refer to something else: shown by its title, chosen by searching for it."""

from .picker import picker as picker
from .related import Option as Option
from .related import Options as Options
from .related import Related as Related
from .related import related_of as related_of
