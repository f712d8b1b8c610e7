using System.Reflection;
using System.Runtime.InteropServices;

namespace PrivacyPass.Native;

/// <summary>Finds libcrypto under the names that distributions give it.</summary>
internal static class LibCryptoResolver
{
    private static readonly string[] _names = ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.3.dylib", "libcrypto-3-x64.dll", "libcrypto"];

    internal static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (!string.Equals(name, "libcrypto", StringComparison.Ordinal)) return 0;
        foreach (var candidate in _names)
        {
            if (NativeLibrary.TryLoad(candidate, assembly, path, out var handle)) return handle;
        }

        throw new DllNotFoundException("OpenSSL's libcrypto (3.x or 1.1.1) was not found; install the package libssl3.");
    }
}
