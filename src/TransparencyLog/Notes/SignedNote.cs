using System.Text;

namespace TransparencyLog.Notes;

/// <summary>A text and signatures of it (C2SP signed-note); whether they are good a <see cref="NoteKey"/> says.</summary>
internal sealed class SignedNote
{
    /// <summary>The largest note read, in bytes.</summary>
    public const int MaxSize = 64 * 1024;

    private const int MostSignatures = 64;

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public SignedNote(string text, IEnumerable<NoteSignature> signatures) => (Text, Signatures) = (text, [.. signatures]);

    /// <summary>What is signed: lines, the last with its end.</summary>
    public string Text { get; }

    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Reads a note of up to 64 KiB and 64 signatures; null when it is none.</summary>
    public static SignedNote? Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxSize) return null;
        try
        {
            return Parse(_strict.GetString(utf8));
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    public static SignedNote? Parse(string note)
    {
        var end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || !note.EndsWith('\n') || note.AsSpan().ContainsAnyInRange('\0', '\t') || note.AsSpan().ContainsAnyInRange('\v', '\u001f')) return null;
        var lines = note[(end + 2)..].Split('\n')[..^1];
        if (lines.Length is 0 or > MostSignatures) return null;
        var signatures = new List<NoteSignature>(lines.Length);
        foreach (var line in lines)
        {
            if (NoteSignature.Parse(line) is not { } signature) return null;
            signatures.Add(signature);
        }

        return new SignedNote(note[..(end + 1)], signatures);
    }

    /// <summary>The same note with more signatures; of one key the newer.</summary>
    public SignedNote With(IEnumerable<NoteSignature> more)
    {
        var added = more.ToList();
        return new SignedNote(Text, Signatures.Where(old => !added.Exists(signature => signature.Name == old.Name && signature.KeyId == old.KeyId)).Concat(added));
    }

    public override string ToString() => $"{Text}\n{string.Concat(Signatures)}";
}
