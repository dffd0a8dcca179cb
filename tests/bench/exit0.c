/* SPDX-License-Identifier: MIT */
/* exit0 - the least program: what fork_exec and spawn_exec execute. */
int
main(void)
{
	return 0;
}
