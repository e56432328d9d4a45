/* The widget's own style: the tokens it needs and nothing from the page around it. Sizes are px, since the
   page decides what a rem is. Only --brand and --on-brand come from outside (set by the loader on :host). */

export const css = (side: "left" | "right"): string => `
:host{
--surface:light-dark(oklch(1 0 0),oklch(0.214 0.004 95));--hover:light-dark(oklch(0.2 0.01 95/.045),oklch(1 0 0/.05));--press:light-dark(oklch(0.2 0.01 95/.085),oklch(1 0 0/.09));
--raised:light-dark(oklch(1 0 0),oklch(0.248 0.004 95));--line:light-dark(oklch(0.912 0.004 95),oklch(0.292 0.004 95));--line-2:light-dark(oklch(0.855 0.005 95),oklch(0.365 0.004 95));
--field:light-dark(oklch(0.64 0.006 95),oklch(0.54 0.005 95));--ink:light-dark(oklch(0.225 0.008 95),oklch(0.935 0.004 95));--ink-2:light-dark(oklch(0.42 0.008 95),oklch(0.775 0.004 95));--ink-3:light-dark(oklch(0.525 0.008 95),oklch(0.665 0.004 95));
--warn:light-dark(oklch(0.485 0.105 66),oklch(0.81 0.12 76));--warn-wash:light-dark(oklch(0.962 0.04 84),oklch(0.285 0.042 76));--bad:light-dark(oklch(0.495 0.18 27),oklch(0.755 0.135 25));
--paint:light-dark(var(--brand),oklch(from var(--brand) calc(l + .055) calc(c + .01) h));--brand-ink:light-dark(oklch(from var(--brand) min(l,.48) c h),oklch(from var(--brand) .78 max(c,.05) h));--brand-wash:light-dark(oklch(from var(--brand) .958 .014 h),oklch(from var(--brand) .285 .022 h));
--lift:0 0 0 1px var(--line-2),0 16px 40px -12px light-dark(oklch(0.2 0.02 95/.26),oklch(0 0 0/.7));--move:160ms}
@media(prefers-reduced-motion:reduce){:host{--move:0ms}}
@media(prefers-contrast:more){:host{--line:var(--field);--line-2:var(--field);--ink-3:var(--ink-2)}}
*,*::before,*::after{box-sizing:border-box}
[hidden]{display:none!important}
h2,h3,p{margin:0;font-size:inherit;font-weight:400;line-height:inherit}
button,input,textarea{font:inherit;color:inherit;margin:0}
button{background:none;border:0;padding:0;cursor:pointer;text-align:inherit}
a{color:inherit;text-underline-offset:2px}
svg{display:block;flex:none}
:focus-visible{outline:2px solid var(--brand-ink);outline-offset:2px;border-radius:4px}
.bubble{background:var(--paint)}
.w{position:fixed;${side}:24px;bottom:96px;width:376px;height:600px;max-height:calc(100dvh - 112px);display:flex;flex-direction:column;background:var(--surface);color:var(--ink);border-radius:12px;box-shadow:var(--lift);overflow:hidden;font:400 14px/1.45 "IBM Plex Sans Variable",ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums;text-align:start;animation:come var(--move) cubic-bezier(.2,0,0,1)}
@keyframes come{from{opacity:0;transform:translateY(4px)}}
.grow{flex:1;min-width:0}.strong{font-weight:500}
header{display:flex;align-items:center;gap:8px;padding:12px 8px 12px 16px;background:var(--paint);color:var(--on-brand);flex:none;position:relative;z-index:3}
header h2{font-size:15px;line-height:20px;font-weight:600;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
header p{font-size:12px;line-height:16px;opacity:.92}
header :focus-visible{outline-color:var(--on-brand)}
.av{width:28px;height:28px;border-radius:50%;display:grid;place-items:center;font-size:11px;font-weight:600;background:oklch(0 0 0/.22);flex:none}
.ib{width:40px;height:40px;display:grid;place-items:center;border-radius:6px;flex:none;color:var(--ink-2)}
.ib:hover{background:var(--hover)}.ib:active{background:var(--press)}
header .ib{color:inherit;width:36px;height:36px}header .ib:hover{background:oklch(1 0 0/.14)}
.more-menu{position:relative}
.pop{position:absolute;background:var(--raised);color:var(--ink);border-radius:6px;box-shadow:var(--lift);padding:4px;z-index:5}
.menu{top:40px;inset-inline-end:0;width:max-content;max-width:300px;display:grid}
.menu button{display:flex;align-items:center;gap:8px;min-height:40px;padding:0 12px;border-radius:4px;font-size:14px}
.menu button:hover,.menu button:focus-visible{background:var(--hover);outline-color:var(--brand-ink)}
.bar{display:flex;gap:6px;align-items:center;padding:8px 16px;font-size:12px;background:var(--warn-wash);color:var(--warn);flex:none}
.queue{display:grid;grid-template-columns:auto 1fr;gap:0 12px;padding:12px 16px;background:var(--brand-wash);border-bottom:1px solid var(--line);flex:none}
.pos{grid-row:span 2;font-size:28px;font-weight:600;line-height:40px;color:var(--brand-ink);min-width:28px;text-align:center}
.queue p:last-child{font-size:12px;color:var(--ink-2)}
.main{flex:1;min-height:0;display:flex;flex-direction:column}
.talk{flex:1;min-height:0;position:relative;display:flex}
.scroll{flex:1;overflow:auto;overscroll-behavior:contain;padding:16px;display:flex;flex-direction:column;gap:4px;scrollbar-width:thin;scrollbar-color:var(--line-2) transparent}
.scroll:focus-visible{outline-offset:-2px}
.log{margin-top:auto;display:flex;flex-direction:column;gap:4px}
.b{max-width:84%;padding:8px 12px;border-radius:12px;background:var(--hover);align-self:flex-start;display:grid;gap:8px;overflow-wrap:anywhere;animation:come var(--move)}
.b p{white-space:pre-wrap}
.b.me{background:var(--paint);color:var(--on-brand);align-self:flex-end}
.b.late{opacity:.88}
.choices{display:flex;flex-wrap:wrap;gap:8px;padding-top:4px;animation:come var(--move)}
.choices button{min-height:36px;padding:6px 14px;border-radius:999px;border:1px solid var(--brand-ink);color:var(--brand-ink);font-weight:500;text-align:start}
.choices button:hover{background:var(--brand-wash)}
.b+.by{margin-top:8px}
.by{font-size:12px;color:var(--ink-3);display:flex;gap:4px;align-items:center}
.by.me{justify-content:flex-end}.by.me+.by{margin-top:0}
.b+.state{margin-top:0}
.mid{align-self:center;font-size:12px;color:var(--ink-3);padding:8px 0}
.dots{display:inline-flex;gap:4px;padding:11px 12px;flex:none}
.dots span{width:6px;height:6px;border-radius:50%;background:var(--ink-3)}.dots span:nth-child(2){opacity:.65}.dots span:nth-child(3){opacity:.35}
.photo{width:176px;height:132px;object-fit:cover;border-radius:6px;display:block;background:var(--press)}
.file{display:flex;gap:8px;align-items:center;text-decoration:none;min-width:0}
a.file span{text-decoration:underline}
.file small{display:block;opacity:.8;font-size:12px}
.more{position:absolute;bottom:8px;left:50%;transform:translateX(-50%);background:var(--raised);box-shadow:var(--lift);border-radius:999px;padding:0 14px;min-height:32px;font-size:13px;font-weight:500;color:var(--brand-ink)}
.compose{position:relative;flex:none;border-top:1px solid var(--line)}
.say{display:flex;align-items:flex-end;gap:2px;padding:6px 8px}
.say textarea{flex:1;min-width:0;border:0;background:none;resize:none;outline:none;padding:10px 8px;line-height:20px;height:40px;max-height:124px;font-size:14px}
.say textarea::placeholder,.input::placeholder{color:var(--ink-3);opacity:1}
.compose:focus-within{border-top-color:var(--brand-ink)}
.send{background:var(--paint);color:var(--on-brand)}.send:hover{background:var(--paint);filter:brightness(1.08)}
.send[aria-disabled=true]{background:var(--press);color:var(--ink-3);cursor:default;filter:none}
.board{bottom:calc(100% + 4px);inset-inline-end:8px;display:grid;grid-template-columns:repeat(7,36px)}
.sign{width:36px;height:36px;display:grid;place-items:center;font-size:20px;border-radius:4px}.sign:hover,.sign:focus-visible{background:var(--hover)}
.tray{padding:8px 12px 0;display:grid;gap:6px}
.up{display:flex;gap:8px;align-items:center;font-size:13px;border:1px solid var(--line-2);border-radius:6px;padding:4px 4px 4px 8px;min-height:40px}
.up span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.up small{display:block;font-size:12px;color:var(--ink-3)}
.up .ib{width:32px;height:32px}
progress{width:72px;height:6px;accent-color:var(--brand-ink)}
.elsewhere{display:flex;gap:8px;align-items:center;justify-content:center;font-size:12px;color:var(--ink-3);padding:0 16px 12px;flex:none}
.elsewhere a,.plain{text-decoration:underline;text-underline-offset:2px;color:var(--ink-2);display:inline-flex;gap:4px;align-items:center;min-height:24px}
.body{flex:1;overflow:auto;padding:16px;display:grid;gap:16px;align-content:start;scrollbar-width:thin;scrollbar-color:var(--line-2) transparent}
.body h3{font-size:16px;line-height:22px;font-weight:600;text-wrap:balance;outline:none}
.lead{color:var(--ink-2);margin-top:-10px}
.field{display:grid;gap:4px}
.field label{font-weight:500}.field label span{font-weight:400;color:var(--ink-3)}
.input{width:100%;height:44px;padding:0 12px;border:1px solid var(--field);border-radius:6px;background:var(--surface);font-size:14px}
textarea.input{height:80px;padding:9px 12px;resize:none;line-height:20px}
.input:focus{border-color:var(--brand-ink);box-shadow:0 0 0 1px var(--brand-ink);outline:none}
.input[aria-invalid=true]{border-color:var(--bad);box-shadow:none}
.input[aria-invalid=true]:focus{box-shadow:0 0 0 1px var(--bad)}
.help,.small{font-size:12px;color:var(--ink-3)}
.error{font-size:12px;color:var(--bad);display:flex;gap:4px;align-items:center}
.compose>.error{padding:8px 12px 0}
.go{height:44px;border-radius:6px;background:var(--paint);color:var(--on-brand);font-weight:600;text-align:center;width:100%;padding:0 16px}
.go:hover{filter:brightness(1.08)}
.opt{display:flex;gap:12px;align-items:center;min-height:52px;width:100%;border-top:1px solid var(--line)}
.opt span{flex:1}.opt svg:last-child{color:var(--ink-3)}
.opt:hover{background:var(--hover)}
.ask{padding:4px 0 12px}.main>.ask{padding:12px 16px;border-top:1px solid var(--line)}
.with{display:flex;gap:8px}.with .go{width:auto}
@media(max-width:639px){
.w{inset:0;width:100%;height:100dvh;max-height:none;border-radius:0;padding-bottom:env(safe-area-inset-bottom)}
.say textarea,.input,.b,.menu button{font-size:16px}.ib,header .ib{width:44px;height:44px}.say textarea{height:44px;padding:12px 8px}
.elsewhere a,.plain{min-height:44px}}
`;
