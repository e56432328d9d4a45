"""Meta: one signature, one Graph API and one table of errors for WhatsApp, Messenger, Instagram and Facebook."""
