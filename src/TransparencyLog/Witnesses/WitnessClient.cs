using System.Net;
using System.Text;
using TransparencyLog.Notes;
using TransparencyLog.Reading;
using TransparencyLog.Storage;

namespace TransparencyLog.Witnesses;

/// <summary>Asks a witness to cosign a log's head (C2SP tlog-witness). It does not own the client.</summary>
/// <param name="http">Whom it trusts is its own affair.</param>
/// <param name="prefix">The witness's submission prefix.</param>
/// <param name="key">Its key.</param>
internal sealed class WitnessClient(HttpClient http, Uri prefix, NoteKey key)
{
    private readonly Uri _url = new($"{prefix.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{Cosigner.AddCheckpointPath}");
    private long _cosigned;

    public NoteKey Key => key;

    /// <summary>The witness's cosignature of a head of the log.</summary>
    /// <exception cref="LogUnreachableException">It cannot be reached, or refuses; says why.</exception>
    public async Task<NoteSignature> AskAsync(StoredLog log, SignedNote head, CancellationToken cancellationToken)
    {
        var size = Checkpoint.Parse(head.Text)!.Size;
        // What it has cosigned last is known from before, or from its first answer.
        for (var tries = 0; ; tries++)
        {
            var (status, body) = await SendAsync(new WitnessRequest(_cosigned, log.ProveConsistency(_cosigned, size) ?? [], head), cancellationToken);
            var text = Encoding.UTF8.GetString(body);
            if (status == HttpStatusCode.OK) return Read(head, text, size);
            if (status != HttpStatusCode.Conflict || tries > 0) throw new LogUnreachableException($"{_url} answered {(int)status}{Why(text)}.");
            if (!Checkpoint.TryParseSize(text.TrimEnd('\n'), out var cosigned) || cosigned > size)
                throw new LogUnreachableException($"{_url} has cosigned more of this log than there is: an older copy of the log was restored, or the folder is not the log's only one.");
            _cosigned = cosigned;
        }
    }

    private async Task<(HttpStatusCode Status, byte[] Body)> SendAsync(WitnessRequest asked, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(asked.ToString())) };
        return await LogReader.SendAsync(http, request, SignedNote.MaxSize, cancellationToken);
    }

    private NoteSignature Read(SignedNote head, string lines, long size)
    {
        var cosigned = SignedNote.Parse($"{head.Text}\n{lines}");
        if (cosigned is null || key.Check(cosigned) is not { IsGood: true }) throw new LogUnreachableException($"{_url} answered without a good cosignature of {key.Name}.");
        _cosigned = size;
        return cosigned.Signatures.First(signature => signature.Name == key.Name && signature.KeyId == key.KeyId);
    }

    /// <summary>The first line of an answer, if it is for people.</summary>
    private static string Why(string text) => text.Split('\n')[0] is { Length: > 0 and <= 200 } line && line.All(static c => c is >= ' ' and <= '~') ? $": {line}" : "";
}
