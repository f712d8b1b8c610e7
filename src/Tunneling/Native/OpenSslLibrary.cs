using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tunneling.Native;

/// <summary>Finds libssl and libcrypto of OpenSSL 3 (3.0 to 3.6 are known to work), once, and readies them.</summary>
internal static class OpenSslLibrary
{
    internal const string Ssl = "libssl";
    internal const string Crypto = "libcrypto";

    // The process ends with threads in the middle of TLS: OpenSSL must not tidy up under them.
    private const ulong InitNoAtExit = 0x00080000;
    private const ulong InitStrings = 0x00200000 | 0x00000002;

    private static readonly Lazy<string?> _problem = new(Load, LazyThreadSafetyMode.ExecutionAndPublication);

    static OpenSslLibrary() => NativeLibrary.SetDllImportResolver(typeof(OpenSslLibrary).Assembly, Resolve);

    /// <summary>Why TLS cannot be had here, null when it can.</summary>
    public static string? Problem => _problem.Value;

    /// <summary>Asked by the classes of imports before their first call.</summary>
    internal static void Register() => RuntimeHelpers.RunClassConstructor(typeof(OpenSslLibrary).TypeHandle);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name is not (Ssl or Crypto)) return 0;
        if (NativeLibrary.TryLoad($"{name}.so.3", assembly, path, out var handle)) return handle;
        throw new DllNotFoundException($"OpenSSL's {name}.so.3 was not found; install the package libssl3 (libssl3t64 on newer systems).");
    }

    private static string? Load()
    {
        try
        {
            return LibSsl.OPENSSL_init_ssl(InitNoAtExit | InitStrings, 0) == 1 && LibCrypto.OPENSSL_version_major() == 3
                ? null
                : "OpenSSL 3 could not be readied.";
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException or TypeInitializationException)
        {
            return exception.InnerException?.Message ?? exception.Message;
        }
    }
}
