# SPDX-License-Identifier: MIT
"""bus_service.py: services on the bus at BUS_ADDRESS, by real GDBus. What it is asked it prints, a
JSON object a line; the first line says that its names are there.

    bus_service.py NAME...

Each NAME has an object /service with Ping() -> s and Emit(), which sends the signal Changed. The
portal has the same at its own path, and the notifications what a client of them expects.
"""

import json
import os
import sys

from gi.repository import Gio, GLib

PORTAL = "org.freedesktop.portal.Desktop"
NOTIFICATIONS = "org.freedesktop.Notifications"
PATHS = {PORTAL: "/org/freedesktop/portal/desktop", NOTIFICATIONS: "/org/freedesktop/Notifications"}

TEST = """
<node><interface name="org.hakurei.Test">
  <method name="Ping"><arg type="s" direction="out"/></method>
  <method name="Emit"/>
  <signal name="Changed"><arg type="s"/></signal>
</interface></node>
"""
NOTIFY = """
<node><interface name="org.freedesktop.Notifications">
  <method name="Notify">
    <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
    <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/>
    <arg type="u" direction="out"/>
  </method>
  <method name="GetServerInformation">
    <arg type="s" direction="out"/><arg type="s" direction="out"/>
    <arg type="s" direction="out"/><arg type="s" direction="out"/>
  </method>
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
</interface></node>
"""


def say(**fields):
    print(json.dumps(fields), flush=True)


def answer(bus, _sender, path, interface, method, parameters, invocation):
    say(path=path, interface=interface, method=method, parameters=parameters.unpack())
    if method == "Ping":
        invocation.return_value(GLib.Variant("(s)", (f"pong from {path}",)))
    elif method == "Emit":
        bus.emit_signal(None, path, interface, "Changed", GLib.Variant("(s)", (path,)))
        invocation.return_value(None)
    elif method == "Notify":
        invocation.return_value(GLib.Variant("(u)", (7,)))
    elif method == "GetServerInformation":
        invocation.return_value(GLib.Variant("(ssss)", ("test", "hakurei", "1", "1.2")))
    else:
        invocation.return_value(GLib.Variant("(as)", (["body"],)))


def main():
    flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
             | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
    bus = Gio.DBusConnection.new_for_address_sync(os.environ["BUS_ADDRESS"], flags, None, None)
    paths = set()
    for name in sys.argv[1:]:
        path = PATHS.get(name, "/service")
        if path not in paths:
            paths.add(path)
            for xml in [TEST] + ([NOTIFY] if name == NOTIFICATIONS else []):
                info = Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0]
                bus.register_object(path, info, answer, None, None)
        reply = bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName",
                              GLib.Variant("(su)", (name, 0)), None, 0, -1, None)
        assert reply.unpack() == (1,), (name, reply)
    say(ready=sys.argv[1:])
    GLib.MainLoop().run()


main()
