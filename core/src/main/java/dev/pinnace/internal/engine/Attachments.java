package dev.pinnace.internal.engine;

import dev.pinnace.Attachment;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.AttachOptions;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.Detachment;
import dev.pinnace.spi.isolation.AttachRequest;
import dev.pinnace.spi.isolation.RunningAttachment;
import dev.pinnace.spi.isolation.RunningContainer;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Attaches callers to containers. Every attachment of this engine begins and ends here.
 * Thread-safe.
 */
final class Attachments {
  private final Parts parts;
  private final Events events;
  private final ContainerLookup lookup;
  private final Lifecycle lifecycle;

  Attachments(Parts parts, Events events, ContainerLookup lookup, Lifecycle lifecycle) {
    this.parts = parts;
    this.events = events;
    this.lookup = lookup;
    this.lifecycle = lifecycle;
  }

  /** Attaches to a container that runs. */
  Attachment attach(
      ContainerId id, AttachOptions options, Consumer<byte[]> stdout, Consumer<byte[]> stderr) {
    ContainerRecord record = lookup.recordOfRunning(id);
    check(record, options);
    RunningContainer container = lookup.running(record);
    return begin(record, options, stdout, stderr, container::attach);
  }

  /** Starts a container to which the caller is attached before its program begins. */
  Attachment start(
      ContainerId id, AttachOptions options, Consumer<byte[]> stdout, Consumer<byte[]> stderr) {
    ContainerRecord record = lookup.record(id);
    check(record, options);
    return begin(
        record,
        options,
        stdout,
        stderr,
        request -> lifecycle.start(id, request).attachment().orElseThrow(Attachments::impossible));
  }

  private static UnsupportedException impossible() {
    return new UnsupportedException(
        "attaching to a container as it starts",
        "its isolation backend cannot do that, and has started it without",
        "read its logs");
  }

  private static void check(ContainerRecord record, AttachOptions options) {
    if (options.stdin().isPresent() && !record.spec().process().stdinOpen()) {
      throw new ConflictException(
          "container \""
              + record.name()
              + "\" reads nothing of those who are attached to it: attach without input (--no-stdin), or make it"
              + " with its standard input open (run -i)");
    }
    if (!record.spec().process().terminal()
        && record.spec().lifecycle().log().bytesPerFile().count() == 0) {
      throw new ConflictException(
          "container \""
              + record.name()
              + "\" has neither a log nor a terminal, so that what it writes goes nowhere: make it"
              + " with one of them");
    }
  }

  private void tellEnd(ContainerRecord record, Detachment reason) {
    if (reason != Detachment.ENDED) {
      events.tell(record.id(), Action.DETACH);
    }
  }

  private Attachment begin(
      ContainerRecord record,
      AttachOptions options,
      Consumer<byte[]> stdout,
      Consumer<byte[]> stderr,
      Function<AttachRequest, RunningAttachment> attached) {
    EngineAttachment attachment = new EngineAttachment();
    RunningAttachment running =
        attached.apply(
            new AttachRequest(
                options.stdin(),
                options.size(),
                attachment.guarded(stdout),
                attachment.guarded(stderr),
                Execs.telling(attachment::failed, parts.work())));
    attachment.begun(running);
    events.tell(record, Action.ATTACH);
    CompletionStage<?> unused =
        running.over().thenAcceptAsync(reason -> tellEnd(record, reason), parts.work());
    return attachment;
  }
}
