/**
 * Paths of /proc and /sys that a sandbox must not read or write. The engine's fields replace its defaults, so these lists
 * contain them (moby, oci/defaults.go). A path that the host lacks does no harm.
 */

const ENGINE_DEFAULTS = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];

/** The host's load: what the neighbours do can be read off these. */
const LOAD = [
  '/proc/buddyinfo',
  '/proc/diskstats',
  '/proc/loadavg',
  '/proc/locks',
  '/proc/pagetypeinfo',
  '/proc/pressure',
  '/proc/schedstat',
  '/proc/slabinfo',
  '/proc/softirqs',
  '/proc/swaps',
  '/proc/sys/fs/dentry-state',
  '/proc/sys/fs/file-nr',
  '/proc/sys/fs/inode-nr',
  '/proc/sys/fs/inode-state',
  '/proc/vmallocinfo',
  '/proc/vmstat',
  '/proc/zoneinfo',
];

/** The host's identity, hardware and kernel build. */
const IDENTITY = [
  '/proc/bus',
  '/proc/cmdline',
  '/proc/config.gz',
  '/proc/crypto',
  '/proc/dma',
  '/proc/driver',
  '/proc/iomem',
  '/proc/ioports',
  '/proc/key-users',
  '/proc/mdstat',
  '/proc/modules',
  '/proc/partitions',
  '/proc/sys/kernel/random/boot_id',
  '/sys/block',
  '/sys/bus',
  '/sys/class',
  '/sys/dev',
  '/sys/devices/pci0000:00',
  '/sys/devices/platform',
  '/sys/devices/system/memory',
  '/sys/devices/system/node',
  '/sys/devices/virtual/dmi',
  '/sys/fs/btrfs',
  '/sys/fs/ext4',
  '/sys/fs/xfs',
  '/sys/hypervisor',
  '/sys/module',
];

/** Kernel memory: addresses and page states. */
const KERNEL_MEMORY = ['/proc/kallsyms', '/proc/kpagecgroup', '/proc/kpagecount', '/proc/kpageflags', '/sys/kernel'];

/** The engine mounts it whatever the IPC mode is; message queues are counted per user id, not per sandbox. */
const QUEUES = ['/dev/mqueue'];

export const MASKED_PATHS: readonly string[] = [...ENGINE_DEFAULTS, ...LOAD, ...IDENTITY, ...KERNEL_MEMORY, ...QUEUES];

export const READONLY_PATHS: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];
