// The time zone of the browser, where the application wants to know it: the server is told by a
// cookie, and the parts that are live are sent once more, with the times of this zone.

const zoneMark = document.querySelector('meta[name="nitro-zone"]');
const zoneHere = zoneMark && Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zoneHere && zoneMark.content !== zoneHere) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `nitro_zone=${encodeURIComponent(zoneHere)}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  const live = byId("nitro-live");
  if (live) queueMicrotask(() => reopen(live));
}
