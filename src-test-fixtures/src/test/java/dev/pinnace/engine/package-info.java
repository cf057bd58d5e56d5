/** The engine as users meet it: life cycles, logs, many JVMs on one root, crashes. */
@NullMarked
package dev.pinnace.engine;

import org.jspecify.annotations.NullMarked;
