"""Addresses that customers open from a link."""

from django.urls import path

from sportello.portal import contact, secure_form

urlpatterns = [
    path("secure/<str:token>", secure_form.Page.as_view(), name="secure_form"),
    path("contact", contact.page, name="contact"),
    path("contact/<slug:brand>", contact.page, name="contact_of"),
]
