"""The documents that are made from what the product runs on: rules, tests and dimensions, and the migrated warehouse.

They are committed in `docs/`, so that they can be read where the product is; `cchc docs check` says where one is no
longer what would be made.
"""

from cchc.documents.folder import Difference, differences, generated, write

__all__ = ["Difference", "differences", "generated", "write"]
