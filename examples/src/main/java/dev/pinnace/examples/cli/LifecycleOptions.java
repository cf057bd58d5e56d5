package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.LogSpec;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Flags that name a container and say how it begins, ends and comes back. */
final class LifecycleOptions {
  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Its unique name; a generated one by default.")
  private Optional<String> name = Optional.empty();

  @Option(
      names = {"-l", "--label"},
      paramLabel = "NAME[=VALUE]",
      description = "A label to find it by, with or without a value.")
  private List<String> labels = new ArrayList<>();

  @Option(names = "--label-file", paramLabel = "FILE", description = "Labels, one a line.")
  private List<Path> labelFiles = new ArrayList<>();

  @Option(
      names = "--annotation",
      paramLabel = "NAME[=VALUE]",
      description = "Text for those who read the configuration of runtime-spec.")
  private List<String> annotations = new ArrayList<>();

  @Option(names = "--rm", description = "Remove it when it has ended.")
  private boolean remove;

  @Option(
      names = "--restart",
      paramLabel = "POLICY",
      description = "no (by default), on-failure[:MAX], always or unless-stopped.")
  private Optional<String> restart = Optional.empty();

  @Option(
      names = "--stop-signal",
      paramLabel = "SIGNAL",
      description = "What stop sends; by default what the image says, else SIGTERM.")
  private Optional<String> stopSignal = Optional.empty();

  @Option(
      names = "--stop-timeout",
      paramLabel = "SECONDS",
      converter = Grace.class,
      description =
          "Time between stop signal and SIGKILL; 10 by default, -1 for as long as it takes.")
  private Optional<Duration> stopTimeout = Optional.empty();

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "Kill it after that time, by the wall clock. No limit by default.")
  private Optional<Duration> timeout = Optional.empty();

  @Option(
      names = "--log-driver",
      paramLabel = "json-file|local|none",
      description = "Keep a log, which is the default whatever its name, or with none do not.")
  private String logDriver = "local";

  @Option(
      names = "--log-opt",
      paramLabel = "NAME=VALUE",
      description =
          "max-size=SIZE of a file of its log, 0 to keep none; max-file=N of them; 10m and 3 by"
              + " default.")
  private List<String> logOptions = new ArrayList<>();

  void addTo(ContainerSpecBuilder spec) {
    name.ifPresent(spec::name);
    labelFiles.forEach(f -> Assignments.labels(Assignments.lines(f)).forEach(spec::label));
    Assignments.labels(labels).forEach(spec::label);
    Assignments.labels(annotations).forEach(spec::annotation);
    Optional<RestartPolicy> policy = restart.map(RestartPolicy::parse);
    if (remove && policy.isPresent() && policy.get().kind() != RestartPolicy.Kind.NO) {
      throw new InvalidSpecException(
          "--rm contradicts --restart " + restart.get() + ": leave one out");
    }
    if (remove) {
      spec.autoRemove();
    }
    policy.ifPresent(spec::restart);
    stopSignal.ifPresent(signal -> spec.stopSignal(Signal.parse(signal)));
    stopTimeout.ifPresent(spec::stopTimeout);
    timeout.ifPresent(spec::timeout);
    log().ifPresent(spec::log);
  }

  private Optional<LogSpec> log() {
    Map<String, String> options = Assignments.pairs("--log-opt", logOptions, '=');
    switch (logDriver) {
      case "json-file", "local", "" -> {
        return options.isEmpty() ? Optional.empty() : Optional.of(log(options));
      }
      case "none" -> {
        if (!options.isEmpty()) {
          throw new InvalidSpecException("--log-driver none contradicts --log-opt: leave one out");
        }
        return Optional.of(new LogSpec(Bytes.ZERO, LogSpec.DEFAULT.files()));
      }
      default ->
          throw new InvalidSpecException(
              "--log-driver "
                  + logDriver
                  + " is not there, for Pinnace keeps logs itself: use json-file, local or none,"
                  + " and read them with \"logs -f\"");
    }
  }

  private static LogSpec log(Map<String, String> options) {
    Bytes size = LogSpec.DEFAULT.bytesPerFile();
    int files = LogSpec.DEFAULT.files();
    for (Map.Entry<String, String> option : options.entrySet()) {
      switch (option.getKey()) {
        case "max-size" -> size = Bytes.parse(option.getValue());
        case "max-file" -> files = number(option.getValue());
        default ->
            throw new InvalidSpecException(
                "--log-opt " + option.getKey() + " is not known: use max-size and max-file");
      }
    }
    return new LogSpec(size, files);
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new InvalidSpecException("--log-opt max-file: \"" + text + "\" is not a number", e);
    }
  }
}
