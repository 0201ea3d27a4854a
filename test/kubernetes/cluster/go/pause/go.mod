module coxswain.test/pause

go 1.26.0
