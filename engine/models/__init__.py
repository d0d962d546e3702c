"""The tables, as typed SQLAlchemy models.

Rules that hold everywhere: instants are ``timestamptz``; codes are lower-case ASCII; a column
that ends in ``_sealed`` holds AES-GCM ciphertext under the key of its person or case
(``engine.sealing``); a column that ends in ``_index`` is a keyed hash for exact search.
"""

from engine.models.accounts import Account, AccountEvent, RoleGrant, SpentTicket
from engine.models.base import Base, Instant
from engine.models.calls import Feedback, ServiceAttempt, ServiceCall
from engine.models.cases import (
    Case,
    CaseEvent,
    CaseNumber,
    CaseSection,
    CaseState,
    Incident,
    Item,
    Member,
)
from engine.models.clocks import Deadline, Timer
from engine.models.contents import ContentVersion
from engine.models.desk import Cover, Mention, Note, SavedView
from engine.models.documents import Attachment, Document, DocumentNumber
from engine.models.exchanges import Exchange, ExchangeLine, Upload, UploadRow
from engine.models.exports import Export, ExportEvent
from engine.models.liaisons import Letter, Liaison
from engine.models.messages import MessageInbox, Notice, Subscription
from engine.models.offices import AgencySetting, CalendarYear, Office, Setting
from engine.models.people import DataKey, FileSection, Person, PersonFile, Unit
from engine.models.releases import Blob, CompiledProcess, RegionActivation, Release
from engine.models.sign_in import ApiKey, RecoveryCode, SecondFactor, SignInSession, Tries
from engine.models.tasks import RANK, Draft, WorkItem

__all__ = [
    "RANK",
    "Account",
    "AccountEvent",
    "AgencySetting",
    "ApiKey",
    "Attachment",
    "Base",
    "Blob",
    "CalendarYear",
    "Case",
    "CaseEvent",
    "CaseNumber",
    "CaseSection",
    "CaseState",
    "CompiledProcess",
    "ContentVersion",
    "Cover",
    "DataKey",
    "Deadline",
    "Document",
    "DocumentNumber",
    "Draft",
    "Exchange",
    "ExchangeLine",
    "Export",
    "ExportEvent",
    "Feedback",
    "FileSection",
    "Incident",
    "Instant",
    "Item",
    "Letter",
    "Liaison",
    "Member",
    "Mention",
    "MessageInbox",
    "Note",
    "Notice",
    "Office",
    "Person",
    "PersonFile",
    "RecoveryCode",
    "RegionActivation",
    "Release",
    "RoleGrant",
    "SavedView",
    "SecondFactor",
    "ServiceAttempt",
    "ServiceCall",
    "Setting",
    "SignInSession",
    "SpentTicket",
    "Subscription",
    "Timer",
    "Tries",
    "Unit",
    "Upload",
    "UploadRow",
    "WorkItem",
]
