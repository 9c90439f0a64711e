"""What may be wrong with an application and where it runs: behind ``nitro doctor``.

A check is a function that yields findings. It changes nothing, and makes no database that is not
there.
"""

from nitro.doctor.examining import CHECKS, examine
from nitro.doctor.finding import Finding, Patient

__all__ = ["CHECKS", "Finding", "Patient", "examine"]
