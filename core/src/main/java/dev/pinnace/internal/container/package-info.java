/** What a container is made of: its runtime configuration, users, files in /etc, and its logs. */
@NullMarked
package dev.pinnace.internal.container;

import org.jspecify.annotations.NullMarked;
