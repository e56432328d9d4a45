"""Addresses that customers open from a link."""

from django.urls import path

from sportello.portal import secure_form

urlpatterns = [path("secure/<str:token>", secure_form.Page.as_view(), name="secure_form")]
