"""``/widget/…``, ``/confirm/…`` and ``/proof/…`` as far as they are Django's."""

from django.urls import path

from sportello.widget import confirm, pages, proof

urlpatterns = [
    path("widget/<str:channel>/files", pages.Upload.as_view(), name="widget_upload"),
    path("widget/<str:channel>/files/<str:signed>", pages.Download.as_view(), name="widget_file"),
    path("files/out/<str:signed>", pages.ForVendor.as_view(), name="vendor_file"),
    path("confirm/<str:token>", confirm.Confirm.as_view(), name="confirm"),
    path("proof/<str:token>", proof.Proof.as_view(), name="proof"),
]
