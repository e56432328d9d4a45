"""Verbs of this room. Keyword-only, one transaction each, events last, no network."""

from sportello.commerce.actions.connections import change_mapping as change_mapping
from sportello.commerce.actions.connections import connect as connect
from sportello.commerce.actions.connections import disconnect as disconnect
from sportello.commerce.actions.connections import switch as switch
from sportello.commerce.actions.connections import sync_now as sync_now
from sportello.commerce.actions.connections import update_connection as update_connection
from sportello.commerce.actions.deeds import ActRefused as ActRefused
from sportello.commerce.actions.deeds import ask as ask
from sportello.commerce.actions.tables import BadTable as BadTable
from sportello.commerce.actions.tables import start_import as start_import
from sportello.commerce.actions.tables import upload as upload
