using System.Text;
using TransparencyLog.Notes;

namespace TransparencyLog.Tests.Notes;

public sealed class SignedNoteTests
{
    // The example of C2SP signed-note.
    private const string ExampleKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    private const string Example = "This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    private static readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public void The_example_of_the_specification_verifies_and_is_written_as_it_was_read()
    {
        var note = SignedNote.Parse(Encoding.UTF8.GetBytes(Example))!;
        Assert.True(NoteKey.Parse(ExampleKey).Check(note) is { IsGood: true });
        Assert.Equal(ExampleKey, NoteKey.Parse(ExampleKey).ToString());
        Assert.Equal(Example, note.ToString());
        Assert.True(NoteKey.Parse(ExampleKey).Check(SignedNote.Parse(Example.Replace("This", "That", StringComparison.Ordinal))!) is { IsGood: false });
    }

    [Theory]
    [InlineData("")]
    [InlineData("text without signatures\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n\n- name AAAAAAAA\n")]
    [InlineData("text\n\n\u2014 name AAAA\n")]
    [InlineData("text\n\n\u2014 na+me AAAAAAAA\n")]
    [InlineData("text\n\n\u2014 name !!!!!!!!\n")]
    [InlineData("text\n\n\u2014 name AAAAAAAA")]
    [InlineData("te\0xt\n\n\u2014 name AAAAAAAA\n")]
    [InlineData("te\rxt\n\n\u2014 name AAAAAAAA\n")]
    public void What_is_no_note_is_none(string text) => Assert.Null(SignedNote.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Bytes_that_are_no_UTF8_and_notes_without_an_end_are_none()
    {
        Assert.Null(SignedNote.Parse([.. "te"u8, 0xff, .. "\n\n\u2014 name AAAAAAAA\n"u8]));
        Assert.Null(SignedNote.Parse(new byte[SignedNote.MaxSize + 1]));
    }

    [Theory]
    [InlineData("example.com/foo+530d903a")]
    [InlineData("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/foo+530d903a+AekyeRrm")]
    [InlineData(" +530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    public void What_is_no_key_is_refused(string text) => Assert.Throws<FormatException>(() => NoteKey.Parse(text));

    [Theory]
    [InlineData((byte)NoteKeyKind.Note)]
    [InlineData((byte)NoteKeyKind.Cosignature)]
    public void What_a_key_signs_it_knows_again_and_a_key_of_the_other_kind_does_not(byte kind)
    {
        using var signer = NoteSigner.Parse(NoteSigner.Generate("signer.example", (NoteKeyKind)kind).Export());
        var note = SignedNote.Parse(new SignedNote("text\n", [signer.Sign("text\n", _now)]).ToString())!;
        var check = NoteKey.Parse(signer.Key.ToString()).Check(note);
        Assert.True(check is { IsGood: true });
        if (signer.Key.Kind == NoteKeyKind.Cosignature) Assert.Equal(_now, check!.Value.Time);
        using var other = NoteSigner.Generate("signer.example", (NoteKeyKind)kind);
        Assert.Null(other.Key.Check(note));
    }

    [Fact]
    public void The_time_of_a_cosignature_cannot_be_changed()
    {
        using var signer = NoteSigner.Generate("auditor.example", NoteKeyKind.Cosignature);
        var signature = signer.Sign("text\n", _now);
        var later = signature.Value.ToArray();
        later[7]++;
        Assert.False(signer.Key.Check(new SignedNote("text\n", [signature with { Value = later }]))!.Value.IsGood);
        later.AsSpan(0, 8).Fill(0xff);
        Assert.False(signer.Key.Check(new SignedNote("text\n", [signature with { Value = later }]))!.Value.IsGood);
    }

    [Theory]
    [InlineData("example.com/log\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", true)]
    [InlineData("example.com/log\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nextension\n", true)]
    [InlineData("example.com/log\n05\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", false)]
    [InlineData("example.com/log\n-5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", false)]
    [InlineData("example.com/log\n99999999999999999999\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", false)]
    [InlineData("example.com/log\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", false)]
    [InlineData("example.com/log\n5\n\n", false)]
    [InlineData("example.com/log\n5\n", false)]
    [InlineData("\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", false)]
    public void A_checkpoint_has_one_spelling(string text, bool isOne) => Assert.Equal(isOne, Checkpoint.Parse(text) is not null);
}
