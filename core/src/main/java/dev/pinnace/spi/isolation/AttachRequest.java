package dev.pinnace.spi.isolation;

import dev.pinnace.spec.TerminalSize;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Somebody who wants to be attached to a container.
 *
 * @param stdin what it is sent; not closed. Empty for nothing
 * @param size of its terminal; empty to leave it
 * @param stdout gets pieces of standard output, an empty one at the end
 * @param stderr gets pieces of standard error, an empty one at the end
 * @param executor where they are called
 */
public record AttachRequest(
    Optional<InputStream> stdin,
    Optional<TerminalSize> size,
    Consumer<byte[]> stdout,
    Consumer<byte[]> stderr,
    Executor executor) {}
