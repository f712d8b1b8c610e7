using System.Text;
using TransparencyLog.Notes;
using TransparencyLog.Proofs;
using TransparencyLog.Serving;
using TransparencyLog.Witnesses;

namespace Tunneling.Fuzz;

/// <summary>What logs of issuer keys, their readers and their witnesses read: the first byte says what the rest is. What is read and written again is read as the same.</summary>
internal static class LogTarget
{
    // Of RFC 8032, section 7.1: signatures under its name are looked at.
    private static readonly NoteKey _witness = new("witness.example", NoteKeyKind.Cosignature, Convert.FromHexString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));

    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var bytes = input[1..];
        switch (input[0] % 4)
        {
            case 0:
                Note(bytes);
                break;
            case 1:
                Proof(bytes);
                break;
            case 2:
                Request(bytes);
                break;
            default:
                Tile(bytes);
                break;
        }
    }

    private static void Note(ReadOnlySpan<byte> bytes)
    {
        if (SignedNote.Parse(bytes) is not { } note) return;
        if (_witness.Check(note) is { IsGood: true }) throw new InvalidOperationException("A signature that nobody has made is good.");
        var written = note.ToString();
        if (SignedNote.Parse(written) is not { } again || again.Text != note.Text || again.ToString() != written) throw new InvalidOperationException("Written again, the note is another one.");
        if (note.With(note.Signatures).Signatures.Count < note.Signatures.Count) throw new InvalidOperationException("Signatures of the note are lost.");
        if (Checkpoint.Parse(note.Text) is not { } checkpoint) return;
        if (checkpoint.Size < 0 || Checkpoint.Parse(checkpoint.Text) != checkpoint) throw new InvalidOperationException("Written again, the checkpoint is another one.");
    }

    private static void Proof(ReadOnlySpan<byte> bytes)
    {
        if (LogProof.Parse(bytes) is not { } proof) return;
        var again = LogProof.Parse(proof.ToString());
        if (again is null || again.Index != proof.Index || !again.Path.SequenceEqual(proof.Path) || again.Note.ToString() != proof.Note.ToString()) throw new InvalidOperationException("Written again, the proof is another one.");
    }

    private static void Request(ReadOnlySpan<byte> bytes)
    {
        if (WitnessRequest.Parse(bytes) is not { } request) return;
        var again = WitnessRequest.Parse(Encoding.UTF8.GetBytes(request.ToString()));
        if (again is null || again.OldSize != request.OldSize || !again.Path.SequenceEqual(request.Path) || again.Note.ToString() != request.Note.ToString()) throw new InvalidOperationException("Written again, the request is another one.");
    }

    private static void Tile(ReadOnlySpan<byte> bytes)
    {
        if (TilePath.Parse(Encoding.Latin1.GetString(bytes)) is { } path && (path.Index < 0 || path.Width is < 1 or > TilePath.Full)) throw new InvalidOperationException("A tile that no log has.");
    }
}
