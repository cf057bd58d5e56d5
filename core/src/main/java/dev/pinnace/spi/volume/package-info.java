/** What keeps the files of volumes elsewhere than in the engine's root. */
@NullMarked
package dev.pinnace.spi.volume;

import org.jspecify.annotations.NullMarked;
