"""What mail programs write around a quote, by language. A list, so it is long."""

from __future__ import annotations

WROTE = (
    # en, it, de, fr, es, pt, nl
    "wrote", "writes", "ha scritto", "hai scritto", "ha escrito", "scrive", "scrisse", "schrieb", "geschrieben",
    "a écrit", "a ecrit", "écrit", "escribió", "escribio", "escreveu", "schreef", "geschreven", "va escriure",
    # sv, da, no, fi, is, et, lv, lt
    "skrev", "skreiv", "kirjoitti", "skrifaði", "kirjutas", "rakstīja", "rašė",
    # pl, cs, sk, hu, ro, hr, sl, sr, sq
    "napisał(a)", "napisał", "napisała", "pisze", "napsal(a)", "napsal", "napsala", "napísal(a)", "napísal",
    "napísala", "írta", "a scris", "napisao je", "je napisao", "napisala je", "je napisala", "napisao/la je",
    "je napisal", "napisao", "shkroi",
    # ru, uk, bg, el, tr, he, ar, fa
    "написал(а)", "написал", "написала", "пишет", "пише", "написав", "написав(ла)", "написа", "έγραψε",
    "yazdı", "şunu yazdı", "כתב", "כתבה", "כתב/ה", "كتب", "نوشت",
    # zh, ja, ko, vi, id, th
    "写道", "寫道", "书写", "のメッセージ", "のメール", "さんは書きました", "님이 작성", "작성", "đã viết", "menulis",
    "เขียนว่า",
)  # fmt: skip

WROTE_OPENERS = (
    "On", "Il giorno", "Il", "In data", "Il dì", "Alle", "Am", "Le", "El", "Em", "Op", "Den", "På", "Dne", "Dňa",
    "W dniu", "Dnia", "Pe", "Ma", "Ti", "Ke", "To", "La", "Su", "În", "Pada", "Vào", "Lúc", "Dana", "Dne", "Στις",
    "בתאריך", "في", "于", "在", "Á", "Na", "A", "Um", "Quoting", "Citando", "Zitat von", "Il ven", "man", "tir",
    "ons", "tor", "fre", "lør", "søn", "mån", "tis", "tors", "lör", "sön", "Mon", "Tue", "Wed", "Thu", "Fri",
)  # fmt: skip

FROM = (
    "From", "Da", "Von", "De", "Van", "Från", "Fra", "Lähettäjä", "Od", "Feladó", "De la", "От", "От кого", "Від",
    "Από", "Kimden", "Gönderen", "מאת", "من", "发件人", "寄件者", "差出人", "送信者", "보낸 사람", "보낸사람", "Từ",
    "Dari", "Mittente", "Expéditeur", "Remitente", "Absender", "Afzender", "Avsändare", "Lähettäjä", "Odosielateľ",
    "Odesílatel", "Nadawca", "Saatja", "No", "Nuo", "Pošiljatelj", "Šalje", "Desde",
)  # fmt: skip

TO = (
    "To", "A", "An", "À", "A/c", "Para", "Aan", "Till", "Til", "Vastaanottaja", "Do", "Komu", "Címzett", "Către",
    "Кому", "Προς", "Kime", "Alıcı", "אל", "إلى", "收件人", "宛先", "받는 사람", "받는사람", "Đến", "Kepada",
    "Destinatario", "Destinataire", "Za", "Kellele", "Kam", "Kas", "Prima",
)  # fmt: skip

CC = ("Cc", "CC", "Ccn", "Kopie", "Kopia", "Kopi", "Copia", "Copie", "Kopio", "DW", "Копия", "Копія", "抄送", "참조",
      "Bcc", "Cci", "Cco", "Κοιν", "Bilgi", "Másolatot kap")  # fmt: skip

DATE = (
    "Date", "Sent", "Data", "Inviato", "Inviata", "Datum", "Gesendet", "Envoyé", "Envoyé le", "Enviado",
    "Enviado el", "Enviada em", "Enviado em", "Fecha", "Verzonden", "Skickat", "Sendt", "Dato", "Lähetetty",
    "Päivämäärä", "Päiväys", "Wysłano", "Wysłane", "Odesláno", "Odoslané", "Dátum", "Elküldve", "Trimis", "Дата",
    "Отправлено", "Надіслано", "Ημερομηνία", "Στάλθηκε", "Tarih", "Gönderildi", "תאריך", "נשלח", "التاريخ",
    "تاريخ الإرسال", "发送时间", "日期", "日付", "日時", "送信日時", "보낸 날짜", "날짜", "Ngày", "Đã gửi", "Tanggal",
    "Received", "Ricevuto", "Poslano", "Saadetud", "Sent at",
)  # fmt: skip

PLAIN_DATE = (
    "Date",
    "Data",
    "Datum",
    "Fecha",
    "Dato",
    "Dátum",
    "Дата",
    "Tarih",
    "日期",
    "日付",
    "날짜",
    "Ngày",
    "Tanggal",
)
"""Words for a date that forms use as well (“From: Rome, To: Milan, Date: …”): alone they prove nothing."""

SUBJECT = (
    "Subject", "Oggetto", "Betreff", "Objet", "Sujet", "Asunto", "Assunto", "Onderwerp", "Ämne", "Emne", "Aihe",
    "Temat", "Předmět", "Predmet", "Tárgy", "Subiect", "Тема", "Θέμα", "Konu", "נושא", "الموضوع", "主题", "主旨", "件名",
    "제목", "Chủ đề", "Perihal", "Subjek", "Teema", "Zadeva", "Betr", "Re",
)  # fmt: skip

ORIGINAL = (
    "Original Message", "Original Email", "Original Appointment", "Messaggio originale", "Messaggio Originale",
    "Ursprüngliche Nachricht", "Originalnachricht", "Original-Nachricht", "Message d'origine", "Message original",
    "Message initial", "Mensaje original", "Mensagem original", "Oorspronkelijk bericht", "Origineel bericht",
    "Ursprungligt meddelande", "Originalmeddelande", "Oprindelig meddelelse", "Original besked",
    "Opprinnelig melding", "Alkuperäinen viesti", "Wiadomość oryginalna", "Oryginalna wiadomość",
    "Původní zpráva", "Pôvodná správa", "Eredeti üzenet", "Mesaj original", "Исходное сообщение",
    "Оригинальное сообщение", "Первоначальное сообщение", "Αρχικό μήνυμα", "Orijinal Mesaj", "Özgün İleti",
    "הודעה מקורית", "الرسالة الأصلية", "原始邮件", "原始郵件", "邮件原件", "元のメッセージ", "원본 메시지", "원본 메일",
    "Reply Message", "Reply Separator", "Thư gốc", "Pesan Asli", "Originele bericht", "Antwort",
)  # fmt: skip

FORWARDED = (
    "Forwarded message", "Forwarded Message", "Forwarded by", "Begin forwarded message", "Start of forwarded message",
    "Messaggio inoltrato", "Inizio messaggio inoltrato", "Inizia il messaggio inoltrato", "Messaggio Inoltrato",
    "Weitergeleitete Nachricht", "Anfang der weitergeleiteten Nachricht", "Anfang der weitergeleiteten E-Mail",
    "Message transféré", "Début du message transféré", "Début du message réexpédié", "Message réexpédié",
    "Mensaje reenviado", "Inicio del mensaje reenviado", "Mensagem encaminhada", "Início da mensagem encaminhada",
    "Mensagem reencaminhada", "Doorgestuurd bericht", "Begin doorgestuurd bericht", "Vidarebefordrat meddelande",
    "Vidarebefordrat brev", "Videresendt meddelelse", "Videresendt melding", "Videresendt besked",
    "Edelleenlähetetty viesti", "Välitetty viesti", "Przekazana wiadomość", "Treść przekazanej wiadomości",
    "Přeposlaná zpráva", "Preposlaná správa", "Továbbított üzenet", "Mesaj redirecționat", "Mesaj transmis",
    "Пересылаемое сообщение", "Пересланное сообщение", "Προωθημένο μήνυμα", "İletilen mesaj", "Yönlendirilen ileti",
    "הודעה שהועברה", "رسالة محولة", "转发邮件", "转发的邮件", "轉寄郵件", "轉寄的郵件", "転送メッセージ", "転送されたメッセージ",
    "전달된 메시지", "전달 메시지", "Thư chuyển tiếp", "Pesan terusan",
)  # fmt: skip

FORWARD_SUBJECT = (
    "fw", "fwd", "i", "inoltro", "inoltrato", "wg", "wl", "tr", "rv", "enc", "res-fw", "doorst", "vb", "vs", "vl",
    "pd", "továbbítás", "fs", "ynt-ilt", "ilt", "转发", "轉寄", "転送", "전달", "пересл", "fw:fw",
)  # fmt: skip

SENT_FROM = (
    r"Sent from(?: my| the)?\b", r"Sent (?:via|with|using)\b", r"Sent on the\b", r"Get Outlook for\b",
    r"Download Outlook\b", r"Get Zoho Mail\b", r"Sent by\b",
    r"Inviato da(?:l mio|lla mia|l|i)?\b", r"Inviata? da(?:l|lla)?\b", r"Inviato con\b", r"Scarica Outlook per\b",
    r"Ottieni Outlook per\b", r"Mandato da(?:l)?\b",
    r"Von meinem .{2,30}gesendet", r"Gesendet (?:von|mit|über)\b", r"Diese Nachricht wurde von meinem\b",
    r"Outlook für .{2,20}(?:beziehen|herunterladen)", r"Holen Sie sich Outlook\b", r"Hol dir Outlook\b",
    r"Envoyé (?:de|depuis|à partir d\w*|avec|via)\b", r"Obtenir Outlook\b", r"Télécharger Outlook\b",
    r"Téléchargez Outlook\b", r"Provenance : ",
    r"Enviado (?:desde|do|a partir d\w*|por|con|pelo|via)\b", r"Obtener Outlook\b", r"Obter o Outlook\b",
    r"Descargar Outlook\b", r"Enviada (?:do|desde)\b",
    r"Verzonden (?:vanaf|vanuit|met|via)\b", r"Verstuurd vanaf\b", r"Outlook voor .{2,20}downloaden", r"Download Outlook voor\b",
    r"Skickat? från\b", r"Skaffa Outlook\b", r"Hämta Outlook\b", r"Sendt fra\b", r"Hent Outlook\b", r"Få Outlook\b",
    r"Lähetetty\b.{2,40}$", r"Hanki Outlook\b", r"Wysłan[eo] z\b", r"Pobierz (?:aplikację )?Outlook\b",
    r"Odesláno z\b", r"Získat Outlook\b", r"Odoslané z\b", r"Elküldve\b", r"Trimis de pe\b", r"Poslano s\b",
    r"Отправлено (?:с|из|через)\b", r"Надіслано з\b", r"Στάλθηκε από\b", r".{1,30}(?:'?d[ae]n|t[ae]n) gönderildi",
    r"נשלח מ", r"أُرسل(?:ت)? من", r"发自我的", r"來自我的", r"從我的.{1,20}傳送", r".{1,20}から送信", r"나의 .{1,20}에서 보냄", r"Đã gửi từ",
    r"Dikirim dari\b", r"Sendt frå\b", r"Yahoo Mail (?:for|per|für|su|auf)\b", r"Mit der mobilen\b",
)  # fmt: skip

SIGN_OFF = (
    "best regards", "kind regards", "warm regards", "regards", "best wishes", "best", "cheers", "thanks",
    "thank you", "many thanks", "thanks and regards", "thanks & regards", "sincerely", "yours sincerely", "yours faithfully",
    "yours truly", "all the best", "with kind regards", "with best regards", "respectfully", "cordially", "br", "rgds",
    "cordiali saluti", "cordialmente", "distinti saluti", "un cordiale saluto", "saluti", "cari saluti",
    "i migliori saluti", "con i migliori saluti", "porgo cordiali saluti", "porgo distinti saluti", "grazie",
    "grazie mille", "grazie e cordiali saluti", "grazie e saluti", "in attesa di un vostro riscontro", "buona giornata",
    "buon lavoro", "un saluto", "a presto", "in fede", "la ringrazio", "vi ringrazio", "ringraziando",
    "mit freundlichen grüßen", "mit freundlichen grüssen", "mit freundlichem gruß", "freundliche grüße", "viele grüße",
    "beste grüße", "liebe grüße", "mfg", "lg", "vg", "herzliche grüße", "danke", "vielen dank", "schöne grüße",
    "cordialement", "bien cordialement", "bien à vous", "salutations", "meilleures salutations", "merci",
    "sincères salutations", "saludos", "un saludo", "saludos cordiales", "atentamente", "gracias", "muchas gracias",
    "cumprimentos", "com os melhores cumprimentos", "atenciosamente", "obrigado", "obrigada", "abraços",
    "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet", "groeten", "mvg", "bedankt",
    "med vänlig hälsning", "med vänliga hälsningar", "vänliga hälsningar", "hälsningar", "mvh", "tack",
    "med venlig hilsen", "venlig hilsen", "hilsen", "vennlig hilsen", "med vennlig hilsen", "tak", "takk",
    "ystävällisin terveisin", "terveisin", "kiitos", "pozdrawiam", "z poważaniem", "dziękuję", "s pozdravem",
    "děkuji", "s pozdravom", "ďakujem", "üdvözlettel", "köszönöm", "cu stimă", "mulțumesc", "с уважением", "спасибо",
    "з повагою", "με εκτίμηση", "saygılarımla", "teşekkürler", "lep pozdrav", "srdačan pozdrav", "hvala",
)  # fmt: skip

DISCLAIMER = (
    (r"(?:this|the information (?:contained )?in this) (?:e-?mail|message|communication|transmission)\b.{0,80}"
    r"(?:confidential|privileged|intended|may contain|attach)"),
    r"(?:confidentiality|privacy|legal|privileged) (?:notice|note|disclaimer)\b", r"(?:e-?mail )?disclaimer\s*(?:[:.-]|$)",
    r"this e-?mail (?:has been|was) (?:scanned|checked)", r"please consider the environment",
    r"if you (?:are not the intended|have received this (?:e-?mail|message) in error)",
    r"avviso (?:di riservatezza|legale|privacy|importante)", r"(?:nota|clausola|informativa) (?:di riservatezza|privacy|legale)",
    (r"(?:le informazioni|il contenuto|la presente (?:e-?mail|comunicazione)|il presente messaggio|questo messaggio|"
    r"questa (?:e-?mail|comunicazione))\b.{0,120}(?:riservat|confidenzial|destinatari|privacy)"),
    r"ai sensi (?:del|dell'|e per gli effetti|degli)\b.{0,60}(?:regolamento|d\.?\s?lgs|decreto|legge|gdpr|art)",
    r"(?:rispetta|rispettiamo) l'ambiente", r"prima di stampare",
    r"diese (?:e-?mail|nachricht) (?:enthält|kann|und)\b.{0,80}vertraulich", r"ce (?:message|courriel|mail)\b.{0,100}confidenti",
    r"este (?:mensaje|correo|e-?mail|mensagem)\b.{0,100}confidenc", r"esta mensagem\b.{0,100}confidenc",
    r"dit (?:bericht|e-?mail)\b.{0,100}vertrouwelijk", r"detta (?:meddelande|e-?post)\b.{0,100}konfidenti",
)  # fmt: skip

BANNER = (
    (r"\W{0,4}(?:caution|external|warning|external (?:e-?mail|sender|message)|attenzione|achtung|attention|e-?mail esterna)\b"
    r"\W{0,3}.{0,40}(?:external|outside|extern|esterna|esterno|extérieur)"),
    r"\W{0,2}\[?external\]?\W{0,3}$", (r"(?:you don't often get email from|non si ricevono spesso messaggi da|"
    r"vous n’obtenez pas souvent|sie erhalten nicht häufig)"),
)  # fmt: skip

AUTO_SUBJECT = (
    r"automatic reply", r"auto(?:matic)?[ -]?reply", r"auto[ -]?response", r"autoreply", r"out of (?:the )?office",
    r"ooo:", r"away from (?:the )?office", r"vacation (?:reply|notice)", r"on vacation",
    r"risposta automatica", r"fuori (?:ufficio|sede)", r"assenza dall", r"assente dall", r"sono (?:in ferie|assente)",
    r"automatische (?:antwort|rückmeldung)", r"abwesenheit", r"automatische e-?mail", r"réponse automatique",
    r"absen(?:t|ce) du bureau", r"message d'absence", r"respuesta automática", r"fuera de (?:la )?oficina",
    r"resposta automática", r"automatisch antwoord", r"afwezig(?:heid)?\b", r"autosvar", r"automatiskt svar",
    r"automatisk svar", r"automaattinen vastaus", r"poissa", r"autoodpowiedź", r"odpowiedź automatyczna",
    r"automatická odpověď", r"автоответ", r"автоматический ответ", r"自动回复", r"自動回覆", r"自動返信", r"不在通知", r"자동 회신",
)  # fmt: skip
