package actors

import "golang.org/x/sys/unix"

// received is how many bytes the kernel has got from the client in all. Where it does not count them, which it does for TCP
// since Linux 4.1, known is false.
func received(fd uintptr) (bytes int64, known bool) {
	info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return 0, false
	}
	return int64(info.Bytes_received), true
}
