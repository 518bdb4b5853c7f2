# Math::Prime::Util, as the other contenders: it is given the numbers by bench-primality.
use strict;
use warnings;
use Math::Prime::Util qw(is_prime);
use Time::HiRes qw(clock_gettime CLOCK_PROCESS_CPUTIME_ID);

my ($program, $mode) = @ARGV;
for my $figure ('random_odd_64', 'primes_64', 'random_odd_32') {
  open(my $listed, '-|', $program, '--list', $figure) or die "perl: cannot start $program\n";
  my (@numbers, @expected);
  while (<$listed>) {
    my ($number, $answer) = split;
    push @numbers, int($number);
    push @expected, $answer;
  }
  close($listed);
  if (defined $mode) { splice(@$_, 100) for (\@numbers, \@expected); }
  my @answers;
  my $least;
  for (1 .. 3) {
    my $begun = clock_gettime(CLOCK_PROCESS_CPUTIME_ID);
    @answers = map { is_prime($_) } @numbers;
    my $used = clock_gettime(CLOCK_PROCESS_CPUTIME_ID) - $begun;
    $least = $used if !defined $least || $used < $least;
  }
  for my $i (0 .. $#numbers) {
    die "perl: the answers differ from those of primes\n" if ($answers[$i] != 0) != $expected[$i];
  }
  printf "perl %s %.6g\n", $figure, $least * 1e9 / @numbers;
}
