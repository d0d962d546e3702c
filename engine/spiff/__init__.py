"""The wall around SpiffWorkflow: the only code that knows it."""

import logging

# the library tells every change of every task; what matters is in the history of the case
logging.getLogger("spiff").setLevel(logging.WARNING)
