using Microsoft.IdentityModel.Tokens;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands.Attester;

/// <summary>A file with an OpenID Connect provider's keys.</summary>
internal static class OidcKeys
{
    /// <exception cref="InvalidDataException">It cannot be read or holds no public keys.</exception>
    public static JsonWebKeySet Read(string file)
    {
        try
        {
            var keys = JsonWebKeySet.Create(File.ReadAllText(file));
            // A symmetric key would let who reads this file make tokens; none is used, see OidcAttestation.
            return keys.GetSigningKeys().Any(static key => key is not SymmetricSecurityKey) ? keys : throw new InvalidDataException("it holds none");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or System.Text.Json.JsonException)
        {
            throw new InvalidDataException(e is IOException or UnauthorizedAccessException ? e.Message.TrimEnd('.') : "it is not JSON of that kind", e);
        }
    }

    /// <summary>Why it cannot be used, null when it can.</summary>
    public static string? Fault(string file) => UnusableFile.Why(() => Read(file));
}
