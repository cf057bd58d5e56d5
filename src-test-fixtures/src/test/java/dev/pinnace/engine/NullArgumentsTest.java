package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Attachment;
import dev.pinnace.Container;
import dev.pinnace.Exec;
import dev.pinnace.Pinnace;
import dev.pinnace.PullOptions;
import dev.pinnace.PushOptions;
import dev.pinnace.Subscription;
import dev.pinnace.event.Event;
import dev.pinnace.event.EventFilter;
import dev.pinnace.spec.AttachOptions;
import dev.pinnace.spec.BindOptions;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerLink;
import dev.pinnace.spec.ContainerPort;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.CopyOptions;
import dev.pinnace.spec.DeviceRule;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.FileSpec;
import dev.pinnace.spec.Health;
import dev.pinnace.spec.HealthSpec;
import dev.pinnace.spec.HostPort;
import dev.pinnace.spec.ImageFilter;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.ImportSpec;
import dev.pinnace.spec.LabelCondition;
import dev.pinnace.spec.Limits;
import dev.pinnace.spec.LogLine;
import dev.pinnace.spec.LogQuery;
import dev.pinnace.spec.LogSpec;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkFilter;
import dev.pinnace.spec.NetworkIpv6;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.Owner;
import dev.pinnace.spec.Platform;
import dev.pinnace.spec.PortBinding;
import dev.pinnace.spec.PortMapping;
import dev.pinnace.spec.Propagation;
import dev.pinnace.spec.PruneOptions;
import dev.pinnace.spec.PruneReport;
import dev.pinnace.spec.Ready;
import dev.pinnace.spec.ReadySpec;
import dev.pinnace.spec.Registries;
import dev.pinnace.spec.RegistryCredentials;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.RunOptions;
import dev.pinnace.spec.SaveOptions;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.Subnet;
import dev.pinnace.spec.Subnet6;
import dev.pinnace.spec.TerminalSize;
import dev.pinnace.spec.Ulimit;
import dev.pinnace.spec.VolumeFilter;
import dev.pinnace.spec.VolumeSpec;
import dev.pinnace.spec.WaitCondition;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.math.BigInteger;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Null is refused where it is given, by the parameter's name, and before anything is done. */
class NullArgumentsTest extends EngineFixture {
  private static final List<String> PACKAGES =
      List.of("dev.pinnace", "dev.pinnace.event", "dev.pinnace.spec");

  private final List<Object> samples = new ArrayList<>();

  @Test
  void everyMethodOfTheApi_namesTheArgumentThatIsNull() throws Exception {
    Container container = engine.containers().create(waiting());
    container.start();
    try (Subscription following = container.logs().follow(line -> {});
        Attachment attachment = container.attach(AttachOptions.DEFAULTS, p -> {}, p -> {});
        Exec exec =
            container.exec(
                ExecSpec.of("busybox", "true"), AttachOptions.DEFAULTS, p -> {}, p -> {})) {
      collect(container, following);
      samples.addAll(List.of(attachment, exec));
      List<String> lenient = new ArrayList<>();
      int tried = 0;
      for (Class<?> type : publicTypes()) {
        for (Method method : methods(type)) {
          tried += tryNulls(method, lenient);
        }
      }
      assertThat(lenient).isEmpty();
      assertThat(tried).isGreaterThan(200);
    }
  }

  private void collect(Container container, Subscription following) {
    samples.addAll(
        List.of(
            "x",
            false,
            1,
            1L,
            1.0,
            List.of(),
            Map.of(),
            Optional.empty(),
            Path.of("/x"),
            URI.create("http://127.0.0.1:1/x"),
            Duration.ofSeconds(1),
            Instant.EPOCH,
            InputStream.nullInputStream(),
            OutputStream.nullOutputStream(),
            (Consumer<Object>) given -> {},
            UnaryOperator.identity(),
            new byte[0],
            new String[0],
            new Path[0]));
    samples.addAll(
        List.of(
            engine,
            Pinnace.builder(),
            engine.containers(),
            engine.images(),
            engine.images().get(IMAGE),
            engine.images().host("busybox"),
            engine.images().pull(ImageReference.parse("127.0.0.1:1/x"), PullOptions.DEFAULTS),
            container,
            container.logs(),
            following,
            PullOptions.DEFAULTS,
            PushOptions.DEFAULTS));
    samples.addAll(
        List.of(
            Bytes.ZERO,
            container.id(),
            container.inspect(),
            engine.images().get(IMAGE).id(),
            AttachOptions.DEFAULTS,
            new TerminalSize(1, 1),
            CommitSpec.unnamed(),
            CopyOptions.DEFAULTS,
            ContainerFilter.all(),
            shell("true").build(),
            shell("true").build().lifecycle(),
            shell("true").build().namespaces(),
            shell("true"),
            DeviceRule.parse("c 1:3 r"),
            EventFilter.all(),
            Event.Action.DIE,
            Event.Type.IMAGE,
            FileSpec.of("/x", "x"),
            new ReadySpec(Ready.port(1), Duration.ofSeconds(1)),
            Health.Status.HEALTHY,
            new Event(
                Instant.EPOCH,
                Event.Action.DIE,
                container.id().hex(),
                "x",
                "x",
                Map.of(),
                Map.of()),
            ExecSpec.of("true"),
            ImageFilter.all(),
            ImageReference.parse("x"),
            ImportSpec.unnamed(),
            new LabelCondition("x", Optional.empty()),
            Limits.NONE,
            Limits.builder(),
            LogQuery.all(),
            new LogLine(LogLine.Source.NOTE, Instant.EPOCH, new byte[0], true),
            LogSpec.DEFAULT,
            Mount.tmpfs(),
            new Owner(0, 0),
            new BindOptions(Propagation.RPRIVATE, false, false, Optional.empty()),
            VolumeSpec.unnamed(),
            Platform.parse("linux/amd64"),
            PruneOptions.DEFAULTS,
            new PruneReport(List.of(), List.of(), List.of(), Bytes.ZERO),
            engine.volumes(),
            engine.networks(),
            engine.networks().create("sample"),
            NetworkFilter.all(),
            engine.networks().get("sample").inspect(),
            NetworkSpec.named("sample"),
            NetworkAttachment.to("sample"),
            ContainerLink.to("sample"),
            ContainerPort.tcp(1),
            ContainerPort.Protocol.TCP,
            PortMapping.of(1, 1),
            new PortBinding("::", 1, ContainerPort.tcp(1)),
            new HostPort("::1", 1),
            Subnet.parse("10.0.0.0/24"),
            Subnet6.parse("fd00::/64"),
            NetworkIpv6.ANY,
            BigInteger.ONE,
            engine.volumes().create("sample"),
            VolumeFilter.all(),
            engine.volumes().get("sample").inspect(),
            Registries.DEFAULTS,
            Registries.builder(),
            new RegistryCredentials("x", "x"),
            HealthSpec.none(),
            Ready.port(1),
            Ready.http(1, "/"),
            RestartPolicy.never(),
            RunOptions.DEFAULT,
            SaveOptions.defaults(),
            Signal.TERM,
            container.stats(),
            WaitCondition.REMOVED,
            Ulimit.parse("core=1")));
  }

  private static List<Class<?>> publicTypes() throws IOException, URISyntaxException {
    Path classes =
        Path.of(ContainerSpec.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    if (Files.isDirectory(classes)) {
      return publicTypes(classes);
    }
    try (FileSystem jar = FileSystems.newFileSystem(classes)) {
      return publicTypes(jar.getPath("/"));
    }
  }

  private static List<Class<?>> publicTypes(Path classes) throws IOException {
    List<Class<?>> types = new ArrayList<>();
    for (String name : PACKAGES) {
      try (Stream<Path> files = Files.list(classes.resolve(name.replace('.', '/')))) {
        for (Path file : files.sorted().toList()) {
          String simple = file.getFileName().toString();
          if (simple.endsWith(".class") && !simple.startsWith("package-info")) {
            Class<?> type = load(name + "." + simple.substring(0, simple.length() - 6));
            if (Modifier.isPublic(type.getModifiers())) {
              types.add(type);
            }
          }
        }
      }
    }
    return types;
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Those of builders are declared by classes that nobody sees. */
  private static List<Method> methods(Class<?> type) {
    List<Method> methods = new ArrayList<>();
    for (Class<?> at = type; at != null && at != Object.class; at = at.getSuperclass()) {
      if (!type.isEnum() && !Throwable.class.isAssignableFrom(type)) {
        Arrays.stream(at.getDeclaredMethods())
            .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
            .filter(method -> !method.getName().equals("equals"))
            .forEach(methods::add);
      }
    }
    return methods;
  }

  private int tryNulls(Method method, List<String> lenient) throws IllegalAccessException {
    int tried = 0;
    Parameter[] parameters = method.getParameters();
    for (int i = 0; i < parameters.length; i++) {
      if (parameters[i].getType().isPrimitive()
          || parameters[i].getAnnotatedType().isAnnotationPresent(Nullable.class)) {
        continue;
      }
      tried++;
      String outcome = call(method, i);
      String name = parameters[i].getName();
      if (!isRefusal(outcome, name, method.getDeclaringClass())) {
        lenient.add(method + ": " + name + " is null: " + outcome);
      }
    }
    return tried;
  }

  /**
   * An engine has begun nothing by then, which only its own words tell; a value may leave it to the
   * JVM, where that knows the name.
   */
  private static boolean isRefusal(String outcome, String name, Class<?> type) {
    boolean value = type.getPackageName().endsWith(".spec");
    return outcome.equals(name) || (value && outcome.endsWith("because \"" + name + "\" is null"));
  }

  private String call(Method method, int absent) throws IllegalAccessException {
    @Nullable Object[] arguments = new Object[method.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = i == absent ? null : sample(method.getParameterTypes()[i]);
    }
    boolean isStatic = Modifier.isStatic(method.getModifiers());
    method.setAccessible(true);
    try {
      method.invoke(isStatic ? null : sample(method.getDeclaringClass()), arguments);
      return "nothing happened";
    } catch (InvocationTargetException e) {
      Throwable thrown = e.getCause();
      return thrown instanceof NullPointerException
          ? String.valueOf(thrown.getMessage())
          : Objects.toString(thrown);
    }
  }

  private Object sample(Class<?> type) {
    if (type.isEnum()) {
      return type.getEnumConstants()[0];
    }
    return samples.stream()
        .filter(MethodType.methodType(type).wrap().returnType()::isInstance)
        .findFirst()
        .orElseThrow(() -> new AssertionError("a sample of " + type + " is missing"));
  }
}
