/** Unix sockets that carry descriptors, and sockets inside network namespaces. */
@NullMarked
package dev.pinnace.linux.net;

import org.jspecify.annotations.NullMarked;
