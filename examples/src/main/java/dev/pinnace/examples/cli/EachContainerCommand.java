package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.NotFoundException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import picocli.CommandLine.Parameters;

/**
 * A subcommand that does the same to all containers named, at once, and tells of them in their
 * order; one that fails stops no other.
 */
abstract class EachContainerCommand extends EngineCommand {
  private static final int AT_ONCE = 50;

  @Parameters(arity = "1..*", paramLabel = "CONTAINER", description = "Names or ids.")
  private List<String> containers;

  @Override
  final int execute(Pinnace pinnace) {
    check();
    ExecutorService threads = Executors.newFixedThreadPool(atOnce(), EachContainerCommand::thread);
    try {
      List<CompletableFuture<String>> each =
          containers.stream()
              .map(name -> CompletableFuture.supplyAsync(acting(pinnace, name), threads))
              .toList();
      return told(each);
    } finally {
      threads.shutdownNow();
    }
  }

  private int atOnce() {
    return mayTakeForever() ? containers.size() : Math.min(containers.size(), AT_ONCE);
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "pinnace-container");
    thread.setDaemon(true);
    return thread;
  }

  private int told(List<CompletableFuture<String>> each) {
    int code = OK;
    for (CompletableFuture<String> one : each) {
      try {
        out().println(result(one));
      } catch (NotFoundException e) {
        Failures.report(err(), e);
        code = mayBeMissing() ? code : Failures.OURS;
      } catch (RuntimeException e) {
        code = Failures.report(err(), e);
      }
    }
    return code;
  }

  private Supplier<String> acting(Pinnace pinnace, String name) {
    return () -> done(pinnace.containers().get(name), name);
  }

  private static String result(CompletableFuture<String> one) {
    try {
      return one.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException failure ? failure : e;
    }
  }

  /** Whether each needs a thread of its own, however many there are. */
  boolean mayTakeForever() {
    return false;
  }

  /** Refuses what was given wrongly, before anything is done. */
  void check() {}

  /** Whether a container that is not there is no failure. */
  boolean mayBeMissing() {
    return false;
  }

  /** Does it. */
  void act(Container container) {}

  /** Does it; what is printed then. */
  String done(Container container, String name) {
    act(container);
    return name;
  }
}
