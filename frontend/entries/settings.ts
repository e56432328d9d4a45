import "../settings/colour.ts";
import "../settings/fields.ts";
