"""Files that entities hold: the entity knows name, size and type, a storage has the content."""

from nitro_entities.files.arriving import Allowance, Arriving, begin
from nitro_entities.files.disk import DiskStorage
from nitro_entities.files.places import Storage, storage
from nitro_entities.files.rules import FileMissing, FileRefused, FileRules, UploadsFull, rules_of
from nitro_entities.files.s3 import S3Storage
from nitro_entities.files.sweeping import sweep
from nitro_entities.files.value import ImageFile, StoredFile

__all__ = [
    "Allowance",
    "Arriving",
    "DiskStorage",
    "FileMissing",
    "FileRefused",
    "FileRules",
    "ImageFile",
    "S3Storage",
    "Storage",
    "StoredFile",
    "UploadsFull",
    "begin",
    "rules_of",
    "storage",
    "sweep",
]
