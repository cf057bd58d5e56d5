package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Lifetime;
import dev.pinnace.spec.Limits;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Everything that {@code run} and {@code create} have in common: the container to be made. */
final class ContainerOptions {
  /** The annotation that has the file of --cidfile, for inspect. */
  static final String CIDFILE = "dev.pinnace.cidfile";

  private static final String SIZE = "size=";

  @Parameters(index = "0", paramLabel = "IMAGE", description = "Name or id of an image.")
  private String image;

  @Parameters(index = "1..*", paramLabel = "ARG", description = "Replaces the image's command.")
  private List<String> command = new ArrayList<>();

  @Mixin private ImageOptions pulling = new ImageOptions();
  @Mixin private ProcessOptions process = new ProcessOptions();
  @Mixin private MountOptions mounts = new MountOptions();
  @Mixin private LimitOptions limits = new LimitOptions();
  @Mixin private SecurityOptions security = new SecurityOptions();
  @Mixin private NamespaceOptions namespaces = new NamespaceOptions();

  @Mixin private PortFlags ports = new PortFlags();
  @Mixin private LifecycleOptions lifecycle = new LifecycleOptions();
  @Mixin private HealthOptions health = new HealthOptions();

  @Option(names = "--cidfile", paramLabel = "FILE", description = "Write the id to a new file.")
  private Optional<Path> cidfile = Optional.empty();

  @Option(
      names = "--storage-opt",
      paramLabel = "size=SIZE",
      description = "How much its own files may take; needs project quotas.")
  private List<String> storage = new ArrayList<>();

  @Option(
      names = {"-i", "--interactive"},
      description = "Pass standard input on, here or with attach.")
  private boolean interactive;

  @Option(
      names = {"-a", "--attach"},
      paramLabel = "STREAM",
      description =
          "Pass on stdin, stdout or stderr alone, in the foreground; all by default. Without the"
              + " two outputs, print the id.")
  private List<String> attach = new ArrayList<>();

  @Option(
      names = {"-t", "--tty"},
      description = "Give it a terminal.")
  private boolean terminal;

  @Option(
      names = "--dry-run",
      description = "Make nothing; print every system call between clone and execve.")
  private boolean dryRun;

  boolean isDryRun() {
    return dryRun;
  }

  boolean isInteractive() {
    return interactive;
  }

  /** Whether --attach is there. */
  boolean isAttachGiven() {
    return !attach.isEmpty();
  }

  StreamChoice streams() {
    return StreamChoice.of(attach);
  }

  boolean hasTerminal() {
    return terminal;
  }

  /** Pulls the image if it has to be; false if that was interrupted. */
  boolean pulled(Pinnace pinnace, PrintWriter err) {
    return pulling.pull(image, pinnace, err);
  }

  /**
   * The container that the flags describe. Refuses before anything is made.
   *
   * @param once whether whoever feeds it first feeds it alone, as Docker has it without -d
   */
  ContainerSpec spec(Lifetime lifetime, boolean once) {
    StreamChoice unused = streams();
    cidfile.ifPresent(ContainerOptions::checkNew);
    ContainerSpecBuilder spec = ContainerSpec.image(image);
    pulling.addTo(spec);
    if (!command.isEmpty()) {
      spec.command(command);
    }
    process.addTo(spec);
    if (interactive) {
      spec.stdinOpen();
    }
    if (interactive && once) {
      spec.stdinOnce();
    }
    if (terminal) {
      spec.terminal();
    }
    mounts.addTo(spec, !dryRun);
    spec.limits(limits.over(Limits.NONE));
    cidfile.ifPresent(file -> spec.annotation(CIDFILE, file.toString()));
    storage.forEach(option -> spec.layerLimit(layerLimit(option)));
    security.addTo(spec);
    namespaces.addTo(spec);
    ports.addTo(spec);
    lifecycle.addTo(spec);
    health.addTo(spec);
    if (lifetime == Lifetime.DETACHED) {
      spec.detached();
    }
    return spec.build();
  }

  private static Bytes layerLimit(String option) {
    if (!option.startsWith(SIZE)) {
      throw new InvalidSpecException(
          "--storage-opt " + option + " is not known: size=1g, say, is all that there is");
    }
    return Bytes.parse(option.substring(SIZE.length()));
  }

  private static void checkNew(Path cidfile) {
    if (Files.exists(cidfile)) {
      throw new ConflictException(
          "--cidfile " + cidfile + " exists: remove it or name another file");
    }
    Path directory = cidfile.toAbsolutePath().getParent();
    if (directory == null || !Files.isDirectory(directory) || !Files.isWritable(directory)) {
      throw new InvalidSpecException(
          "--cidfile " + cidfile + " cannot be written: name a file in a directory that can");
    }
  }

  /** Writes the file of --cidfile. */
  void created(ContainerId id) {
    cidfile.ifPresent(
        file -> {
          try {
            Files.writeString(file, id.hex(), StandardOpenOption.CREATE_NEW);
          } catch (IOException e) {
            throw new PinnaceException(
                "cannot write " + id.hex() + " to " + file + ": " + Failures.reason(e), e);
          }
        });
  }
}
