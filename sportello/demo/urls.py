"""The pages of the demo company."""

from django.urls import path

from sportello.demo import views

urlpatterns = [path("shop", views.shop, name="demo_shop")]
