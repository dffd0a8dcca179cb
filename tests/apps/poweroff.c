/* SPDX-License-Identifier: MIT */
/* poweroff - ends the guest: Debian's own program wants systemd. */
#include <sys/reboot.h>
#include <unistd.h>

int
main(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
