# SPDX-License-Identifier: MIT
"""Whether an image goes online with a Huawei stick: for bitbake -c testimage and testexport.

What concerns the image runs on every board. What concerns a stick is skipped, with the reason, where none is
plugged in; what concerns oFono, where the stick is a router (HiLink), which has no modem for it.
"""

import json

from oeqa.core.decorator.depends import OETestDepends
from oeqa.runtime.case import OERuntimeTestCase
from oeqa.runtime.decorator.package import OEHasPackage

# Where passwords of the access point, and what daemons remember of a SIM, lie.
SECRETS = (
    "/etc/huawei-modem/config.ini",
    "/etc/huawei-modem/password",
    "/etc/huawei-modem/pin",
    "/var/lib/connman",
    "/var/lib/ofono",
)
# The image's own units; those of a stick come and go.
UNITS = ("ofono.service", "connman.service", "huawei-modem-check-modules.service")
PATIENCE = 120
"""Seconds: how long a command may take on a slow board."""
PING_HOST = "HUAWEI_MODEM_TEST_HOST"
"""The variable of the build with the host to ping, which the stick's network reaches."""


class HuaweiModemTest(OERuntimeTestCase):
    """From the modules to the ping, each step by itself."""

    def ask(self, command):
        """What the board prints. The case fails, with the output, when the command does."""
        status, output = self.target.run(command, PATIENCE)
        self.assertEqual(status, 0, msg=f"{command}\n{output}")
        return output

    def facts(self):
        """What the helper sees (docs/dev/facts.md)."""
        return json.loads(self.ask("huawei-modem status --json - 2>/dev/null"))

    def sticks(self):
        """The Huawei devices that are plugged in; skips the case where there is none."""
        found = self.facts()["sticks"]
        if not found:
            self.skipTest("no Huawei stick is plugged into the board")
        return found

    def modems(self):
        """oFono's modems; skips the case where the sticks are no modems."""
        interfaces = [each for stick in self.sticks() for each in stick["interfaces"]]
        if not any(each["function"] in ("modem", "mbim", "pcui") for each in interfaces):
            self.skipTest("the stick is a router (HiLink): oFono has nothing to do with it")
        return self.facts()["ofono"]["modems"]

    @OEHasPackage("huawei-modem")
    def test_modules_match_the_kernel(self):
        self.ask("huawei-modem check-modules")

    @OEHasPackage("huawei-modem")
    def test_units_run(self):
        for unit in UNITS:
            self.assertEqual(self.ask(f"systemctl is-active {unit}").strip(), "active", msg=unit)

    @OEHasPackage("huawei-modem")
    def test_no_secret_is_readable(self):
        """By others than their owner. ls, since BusyBox's find may know no -perm."""
        for path in SECRETS:
            status, listing = self.target.run(f"ls -ldn {path}", PATIENCE)
            if status == 0:
                mode = listing.split()[0]
                self.assertEqual(mode[4:10].replace("S", "-"), "------", msg=listing)

    @OETestDepends(["huawei_modem.HuaweiModemTest.test_modules_match_the_kernel"])
    def test_stick_has_its_drivers(self):
        for stick in self.sticks():
            self.assertNotEqual(stick["mode"], "storage", msg=stick["usb"] + " was not switched")
            for each in stick["interfaces"]:
                if each["wanted_driver"]:
                    self.assertEqual(each["driver"], each["wanted_driver"], msg=str(each))

    @OETestDepends(["huawei_modem.HuaweiModemTest.test_stick_has_its_drivers"])
    def test_ports_have_labels(self):
        labels = [each["label"] for stick in self.sticks() for each in stick["interfaces"] if each["tty"]]
        if not labels:
            self.skipTest("the stick has no serial ports")
        self.assertIn("modem", labels)

    @OETestDepends(["huawei_modem.HuaweiModemTest.test_stick_has_its_drivers"])
    def test_ofono_has_the_modem_online(self):
        modems = self.modems()
        self.assertTrue(modems, msg="oFono lists no modem")
        self.assertTrue(all(each["powered"] and each["online"] for each in modems), msg=str(modems))

    @OETestDepends(["huawei_modem.HuaweiModemTest.test_stick_has_its_drivers"])
    def test_connman_is_online(self):
        self.sticks()
        services = self.facts()["connman"]["services"]
        self.assertIn("online", [each["state"] for each in services], msg=str(services))

    @OETestDepends(["huawei_modem.HuaweiModemTest.test_connman_is_online"])
    def test_ping_over_the_stick(self):
        host = self.tc.td.get(PING_HOST) or "8.8.8.8"
        route = self.facts()["default_route"]
        self.assertTrue(route, msg="no default route")
        self.ask(f"ping -c 3 -W 5 -I {route} {host}")

    @OETestDepends(["huawei_modem.HuaweiModemTest.test_modules_match_the_kernel"])
    def test_doctor_says_ok(self):
        self.sticks()
        self.ask("huawei-modem doctor")
