using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace PrivacyPass.Native;

/// <summary>Turns failed libcrypto calls into exceptions and leaves the thread's error queue empty.</summary>
internal static class LibCryptoError
{
    /// <summary>Throws unless the call answered 1 (OpenSSL's success).</summary>
    internal static void ThrowUnlessOne(int result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != 1) Throw(call);
    }

    /// <summary>Throws when the call answered a null pointer.</summary>
    internal static void ThrowIfNull(nint result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result == 0) Throw(call);
    }

    /// <summary>Throws when the call answered no object, else passes it on.</summary>
    internal static T ThrowIfInvalid<T>(T handle, [CallerArgumentExpression(nameof(handle))] string call = "") where T : SafeHandle
    {
        if (!handle.IsInvalid) return handle;
        handle.Dispose();
        Throw(call);
        return handle;
    }

    [DoesNotReturn]
    internal static void Throw(string call)
    {
        var reason = Marshal.PtrToStringUTF8(LibCrypto.ERR_reason_error_string(LibCrypto.ERR_get_error()));
        LibCrypto.ERR_clear_error();
        // The call's text holds names only, never values.
        throw new CryptographicException($"libcrypto failed in {FunctionName(call)}: {reason ?? "no reason given"}.");
    }

    private static string FunctionName(string call)
    {
        var start = call.StartsWith("LibCrypto.", StringComparison.Ordinal) ? "LibCrypto.".Length : 0;
        var end = call.IndexOf('(', StringComparison.Ordinal);
        return end > start ? call[start..end] : call[start..];
    }
}
