using System.Text;
using TransparencyLog.Merkle;
using TransparencyLog.Notes;
using TransparencyLog.Storage;
using TransparencyLog.Witnesses;

namespace TransparencyLog.Tests.Witnesses;

/// <summary>A cosigner signs what has grown, and says what has not.</summary>
public sealed class CosignerTests : IDisposable
{
    private readonly TestLog _test = new(entries: 3);
    private readonly NoteSigner _signer = NoteSigner.Generate("auditor.example", NoteKeyKind.Cosignature);
    private readonly Cosigner _cosigner;

    public CosignerTests() => _cosigner = Open();

    [Fact]
    public async Task A_log_that_grows_is_followed_and_cosigned()
    {
        for (var index = 3; index < 20; index++)
        {
            Assert.Equal(GrowthFault.None, await _cosigner.FollowAsync(null, default));
            _cosigner.Cosign();
            Assert.True(_signer.Key.Check(_cosigner.Cosigned!) is { IsGood: true });
            Assert.Equal(index, _cosigner.Copy.Size);
            _test.Log.Append(Trees.Entry(index));
        }
    }

    [Fact]
    public async Task A_copy_that_is_opened_again_goes_on_where_it_was()
    {
        await _cosigner.FollowAsync(null, default);
        _cosigner.Cosign();
        _cosigner.Dispose();
        using var again = Open();
        Assert.Equal(3, again.Copy.Size);
        Assert.NotNull(again.Cosigned);
        using var fork = Fork(5);
        _test.Shown = fork.Log;
        Assert.Equal(GrowthFault.Forked, await again.FollowAsync(null, default));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(2)]
    public async Task A_log_that_shows_other_entries_than_before_has_forked_whatever_its_size(int size)
    {
        await _cosigner.FollowAsync(null, default);
        using var fork = Fork(size);
        _test.Shown = fork.Log;
        Assert.Equal(GrowthFault.Forked, await _cosigner.FollowAsync(null, default));
        Assert.Equal(Trees.Of(3).Root, Checkpoint.Parse(_cosigner.Copy.Note!.Text)!.Root);
        Assert.Equal(-1, _cosigner.Copy.FindFirst(MerkleHash.OfLeaf(Trees.Entry(3, "fork"))));
        _test.Shown = null;
        _test.Log.Append(Trees.Entry(3));
        Assert.Equal(GrowthFault.None, await _cosigner.FollowAsync(null, default));
        Assert.Equal(4, _cosigner.Copy.Size);
    }

    [Fact]
    public async Task A_log_that_shows_its_past_has_shrunk()
    {
        await _cosigner.FollowAsync(null, default);
        using var past = new TestLog(_test.Signer, entries: 2);
        _test.Shown = past.Log;
        Assert.Equal(GrowthFault.Shrunk, await _cosigner.FollowAsync(null, default));
    }

    [Fact]
    public async Task A_head_that_was_cosigned_on_request_may_be_published_late_but_not_for_long()
    {
        _test.Log.Publish(_test.Log.Head, []);
        await _cosigner.FollowAsync(null, default);
        _test.Log.Append(Trees.Entry(3));
        Assert.Equal(200, (await AskAsync(_test.Log, 3)).Status);
        Assert.Equal(GrowthFault.None, await _cosigner.FollowAsync(null, default));
        Assert.Equal(GrowthFault.Shrunk, await _cosigner.FollowAsync(null, default));
        _test.Log.Publish(_test.Log.Head, []);
        Assert.Equal(GrowthFault.None, await _cosigner.FollowAsync(null, default));
    }

    [Fact]
    public async Task A_log_that_asks_is_told_what_was_cosigned_last_and_gets_its_cosignature()
    {
        Assert.Equal((409, "text/x.tlog.size", "0\n"), await AskAsync(_test.Log, 2) is var answer ? (answer.Status, answer.MediaType, answer.Body) : default);
        var cosigned = await AskAsync(_test.Log, 0);
        Assert.Equal(200, cosigned.Status);
        var note = SignedNote.Parse($"{_test.Log.Head.Text}\n{cosigned.Body}")!;
        Assert.True(_signer.Key.Check(note) is { IsGood: true } check && check.Time == _test.Time.GetUtcNow());
        _test.Log.Append(Trees.Entry(3));
        Assert.Equal(200, (await AskAsync(_test.Log, 3)).Status);
        Assert.Equal(200, (await AskAsync(_test.Log, 4)).Status);
        Assert.Equal(409, (await AskAsync(_test.Log, 3)).Status);
        Assert.Equal(400, (await AskAsync(_test.Log, 5)).Status);
    }

    [Fact]
    public async Task A_wrong_proof_of_growth_is_answered_with_422_and_changes_nothing()
    {
        await AskAsync(_test.Log, 0);
        _test.Log.Append(Trees.Entry(3));
        var wrong = await _cosigner.AddAsync(new WitnessRequest(3, [MerkleHash.Empty], _test.Log.Head), default);
        Assert.Equal(422, wrong.Status);
        Assert.Equal(3, _cosigner.Copy.Size);
    }

    [Fact]
    public async Task A_log_that_shows_its_entries_to_nobody_is_not_cosigned()
    {
        _test.Files = _test.Beside("nothing");
        Assert.Equal(503, (await AskAsync(_test.Log, 0)).Status);
        Assert.Equal(0, _cosigner.Copy.Size);
    }

    [Fact]
    public async Task Of_a_disputed_log_nothing_is_cosigned()
    {
        _cosigner.Disputed = "it lies.";
        Assert.Equal(403, (await AskAsync(_test.Log, 0)).Status);
        _cosigner.Cosign();
        Assert.Null(_cosigner.Cosigned);
    }

    [Theory]
    [InlineData("")]
    [InlineData("old 1\n")]
    [InlineData("old -1\n\nlog\n")]
    [InlineData("old 01\n\nlog\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u2014 log AAAAAAAA\n")]
    [InlineData("old 1\nAAAA\n\nlog\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u2014 log AAAAAAAA\n")]
    public void What_is_no_request_is_none(string text) => Assert.Null(WitnessRequest.Parse(Encoding.UTF8.GetBytes(text)));

    public void Dispose()
    {
        _cosigner.Dispose();
        _signer.Dispose();
        _test.Dispose();
    }

    private Cosigner Open() => new(_test.Signer.Key, _signer, _test.Reader, _test.Beside("copy"), _test.Time);

    private TestLog Fork(int size)
    {
        var fork = new TestLog(_test.Signer);
        for (var index = 0; index < size; index++) fork.Log.Append(Trees.Entry(index, "fork"));
        return fork;
    }

    private Task<WitnessAnswer> AskAsync(StoredLog log, long old) =>
        _cosigner.AddAsync(WitnessRequest.Parse(Encoding.UTF8.GetBytes(new WitnessRequest(old, log.ProveConsistency(old, Checkpoint.Parse(log.Head.Text)!.Size) ?? [], log.Head).ToString()))!, default);
}
