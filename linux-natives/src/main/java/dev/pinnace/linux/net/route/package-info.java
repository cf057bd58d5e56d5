/** Interfaces, addresses and routes of a network namespace (rtnetlink(7)). */
@NullMarked
package dev.pinnace.linux.net.route;

import org.jspecify.annotations.NullMarked;
