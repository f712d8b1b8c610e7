using System.Runtime.InteropServices;

namespace MsQuic.Native;

/// <summary>
/// libmsquic, found and opened once in a process, and the one registration in which all handles are. Neither is ever closed: its threads
/// end with the process, and closing a registration waits for handles that nobody may ever give back.
/// </summary>
internal static unsafe class Library
{
    private const uint ApiVersion = 2;
    private const uint ParamLibraryVersion = 0x01000004;

    /// <summary>The first with all calls that are used.</summary>
    private static readonly Version _minimum = new(2, 2);

    // SafeDirectories means nothing on Linux, where the loader looks: LD_LIBRARY_PATH first.
    private const DllImportSearchPath Search = DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories;

    private static readonly Lazy<Loaded> _loaded = new(Load, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>Why there is no QUIC here; null when there is.</summary>
    public static string? Problem => _loaded.Value.Problem;

    /// <summary>Null when it was not found.</summary>
    public static Version? Version => _loaded.Value.Version;

    public static ref readonly ApiTable Api => ref *_loaded.Value.Require().Api;

    public static nint Registration => _loaded.Value.Require().Registration;

    private static Loaded Load()
    {
        if (!OperatingSystem.IsLinux()) return new Loaded("QUIC on libmsquic runs on Linux only.");
        var folder = Path.Combine(AppContext.BaseDirectory, "libmsquic.so.2");
        if (!NativeLibrary.TryLoad("libmsquic.so.2", typeof(Library).Assembly, Search, out var library)
            && !(File.Exists(folder) && NativeLibrary.TryLoad(folder, out library)))
            return new Loaded($"libmsquic is not installed: libmsquic.so.2 of version {_minimum} or newer is needed.");
        if (!NativeLibrary.TryGetExport(library, "MsQuicOpenVersion", out var export))
            return new Loaded($"libmsquic is too old: version {_minimum} or newer is needed.");
        var open = (delegate* unmanaged<uint, ApiTable**, uint>)export;
        ApiTable* api;
        var status = open(ApiVersion, &api);
        if (Status.Failed(status)) return new Loaded($"libmsquic does not open (status {status}): version {_minimum} or newer is needed.");
        var numbers = stackalloc uint[4];
        var length = 4u * sizeof(uint);
        status = api->GetParam(0, ParamLibraryVersion, &length, numbers);
        if (Status.Failed(status)) return new Loaded($"libmsquic does not tell its version (status {status}).");
        var version = new Version((int)numbers[0], (int)numbers[1], (int)numbers[2]);
        if (version < _minimum) return new Loaded($"libmsquic {version} is too old: version {_minimum} or newer is needed.") { Version = version };

        nint registration;
        fixed (byte* name = "PrivacyProxy\0"u8)
        {
            var config = new RegistrationConfig { AppName = name };
            status = api->RegistrationOpen(&config, &registration);
        }

        if (Status.Failed(status)) return new Loaded($"libmsquic {version} does not start (status {status}).") { Version = version };
        return new Loaded(problem: null) { Api = api, Registration = registration, Version = version };
    }

    private sealed class Loaded(string? problem)
    {
        public string? Problem => problem;

        public ApiTable* Api { get; init; }

        public nint Registration { get; init; }

        public Version? Version { get; init; }

        public Loaded Require() => Problem is null ? this : throw new PlatformNotSupportedException(Problem);
    }
}
