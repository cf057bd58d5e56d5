/** What every part needs: owned descriptors, errno, the kernel's version and architecture. */
@NullMarked
package dev.pinnace.linux;

import org.jspecify.annotations.NullMarked;
