using System.Buffers.Binary;

namespace TransparencyLog.Notes;

/// <summary>One signature line of a note (C2SP signed-note).</summary>
/// <param name="Name">The key's name.</param>
/// <param name="KeyId">Which of the keys with this name.</param>
/// <param name="Value">The signature, with its time where it is a cosignature.</param>
internal sealed record NoteSignature(string Name, uint KeyId, ReadOnlyMemory<byte> Value)
{
    private const string Dash = "\u2014 ";

    /// <summary>Reads a line without its end.</summary>
    public static NoteSignature? Parse(string line)
    {
        if (!line.StartsWith(Dash, StringComparison.Ordinal)) return null;
        var words = line[Dash.Length..].Split(' ');
        if (words.Length != 2 || !NoteKey.IsName(words[0])) return null;
        var bytes = new byte[words[1].Length];
        if (!Convert.TryFromBase64String(words[1], bytes, out var length) || length <= sizeof(uint)) return null;
        return new NoteSignature(words[0], BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(sizeof(uint), length - sizeof(uint)));
    }

    /// <summary>The line, with its end.</summary>
    public override string ToString()
    {
        var bytes = new byte[sizeof(uint) + Value.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyId);
        Value.CopyTo(bytes.AsMemory(sizeof(uint)));
        return $"{Dash}{Name} {Convert.ToBase64String(bytes)}\n";
    }
}
