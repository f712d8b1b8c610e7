using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Tunneling.Native;

/// <summary>Reads OpenSSL's queue of errors, which is the thread's, and leaves it empty. Reasons are fixed texts: nothing a peer sent is in them.</summary>
internal static class OpenSslError
{
    private const string NoReason = "no reason given";

    /// <summary>The reason of the oldest error, which is the cause.</summary>
    internal static string Take()
    {
        var error = LibCrypto.ERR_get_error();
        var reason = error == 0 ? null : Marshal.PtrToStringUTF8(LibCrypto.ERR_reason_error_string(error));
        LibCrypto.ERR_clear_error();
        return reason ?? NoReason;
    }

    /// <summary>Whether the newest error is PEM's "no more of these".</summary>
    internal static bool IsEndOfPem()
    {
        var error = LibCrypto.ERR_peek_last_error();
        return ((error >> 23) & 0xff) == LibCrypto.ERR_LIB_PEM && (error & 0x7fffff) == LibCrypto.PEM_R_NO_START_LINE;
    }

    /// <exception cref="CryptographicException">The call did not answer 1.</exception>
    internal static void ThrowUnlessOne(nint result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != 1) Throw(call);
    }

    /// <exception cref="CryptographicException">The call answered null.</exception>
    internal static nint ThrowIfNull(nint result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result == 0) Throw(call);
        return result;
    }

    /// <exception cref="CryptographicException">The call answered no object.</exception>
    internal static T ThrowIfInvalid<T>(T handle, [CallerArgumentExpression(nameof(handle))] string call = "")
        where T : SafeHandle
    {
        if (!handle.IsInvalid) return handle;
        handle.Dispose();
        Throw(call);
        return handle;
    }

    // The call's text holds names only, never values.
    [DoesNotReturn]
    private static void Throw(string call) =>
        throw new CryptographicException($"OpenSSL failed in {call[(call.IndexOf('.', StringComparison.Ordinal) + 1)..(call.IndexOf('(', StringComparison.Ordinal) is var end and > 0 ? end : call.Length)]}: {Take()}.");
}
