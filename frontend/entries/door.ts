import "../settings/fields.ts";
import { startPasskeys } from "../settings/passkeys.ts";

startPasskeys();
