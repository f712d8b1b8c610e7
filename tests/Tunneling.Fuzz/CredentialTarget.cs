using System.Text;
using PrivacyPass;
using PrivacyPass.Http;
using PrivacyPass.Issuance;

namespace Tunneling.Fuzz;

/// <summary>Texts from the network: the first byte says whether the rest is credentials, challenges or a directory.</summary>
internal static class CredentialTarget
{
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var bytes = input[1..];
        switch (input[0] % 4)
        {
            case 0:
                Directory(bytes);
                break;
            case 1:
                foreach (var challenge in PrivateTokenChallenge.ReadAll([Encoding.Latin1.GetString(bytes)])) challenge.Write();
                break;
            default:
                Credentials(Encoding.Latin1.GetString(bytes), new PrivateTokenReadOptions { RequireCommas = input[0] % 4 == 3 });
                break;
        }
    }

    private static void Credentials(string value, PrivateTokenReadOptions options)
    {
        Span<byte> token = stackalloc byte[TokenSizes.LargestToken];
        Span<byte> extensions = stackalloc byte[TokenExtensions.LargestRead];
        var error = PrivateTokenCredentials.TryRead(value, token, out var length, options);
        var ofExtensions = PrivateTokenCredentials.TryReadExtensions(value, extensions, out var extensionsLength, options);
        if (error != PrivateTokenError.None && length != 0) throw new InvalidOperationException("An error with a token.");
        if (ofExtensions != PrivateTokenError.None && extensionsLength != 0) throw new InvalidOperationException("An error with extensions.");
        if (error != PrivateTokenError.None) return;
        if (!TokenExtensions.TryRead(extensions[..extensionsLength], out var read)) read = TokenExtensions.Empty;
        var written = PrivateTokenCredentials.Write(token[..length], read!);
        Span<byte> again = stackalloc byte[TokenSizes.LargestToken];
        if (PrivateTokenCredentials.TryRead(written, again, out var sameLength) != PrivateTokenError.None || !again[..sameLength].SequenceEqual(token[..length]))
            throw new InvalidOperationException("Written again, the token is another one.");
        if (PrivateTokenCredentials.TryReadExtensions(written, extensions, out extensionsLength) != PrivateTokenError.None || !extensions[..extensionsLength].SequenceEqual(read!.Encoded.Span))
            throw new InvalidOperationException("Written again, the extensions are others.");
    }

    private static void Directory(ReadOnlySpan<byte> bytes)
    {
        if (IssuerDirectory.TryParse(bytes, out var directory) != IssuerDirectoryError.None) return;
        if (directory!.IssuerRequestUri is not { } uri) return;
        var written = new IssuerDirectory(uri, directory.TokenKeys, directory.BatchLimits).WriteJson();
        if (IssuerDirectory.TryParse(written, out var again) != IssuerDirectoryError.None || !again!.TokenKeys.SequenceEqual(directory.TokenKeys) || again.BatchLimits != directory.BatchLimits)
            throw new InvalidOperationException("Written again, the directory is another one.");
    }
}
