namespace PrivacyPass.Http;

/// <summary>Splits a challenge field at its schemes, not at its commas (RFC 9110, section 11.6.1), and reads each PrivateToken challenge.</summary>
internal static class ChallengeFieldParser
{
    /// <summary>No honest response has more challenges.</summary>
    public const int MaxChallenges = 64;

    public static void Parse(string? field, List<PrivateTokenChallengeReading> readings)
    {
        var reader = new AuthFieldReader(field);
        PartialChallenge? current = null;
        while (readings.Count < MaxChallenges)
        {
            var item = reader.Read();
            if (item.Kind is AuthFieldItemKind.End or AuthFieldItemKind.Scheme)
            {
                if (current is not null) readings.Add(current.Complete());
                if (item.Kind == AuthFieldItemKind.End) return;
                current = new PartialChallenge(item.Name.ToString());
                continue;
            }

            current ??= new PartialChallenge("");
            current.Add(item);
            if (item.Kind == AuthFieldItemKind.Malformed) reader.SkipToComma();
        }
    }
}
